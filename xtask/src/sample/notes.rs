//! Notes for document classification: which department does a note belong to?
//!
//! What makes it neither trivial nor hopeless: a note opens with a complaint of its department or with one that several
//! share; later sentences are findings and plans of the department, or remarks that any note may have, or history and
//! negated findings of another department.

use super::departments::{DEPARTMENTS, SHARED};
use super::{Rule, SEED, Text, pick};
use random::{Purpose, Stream};
use std::collections::BTreeSet;

const NOTES: usize = 400;
const PATIENTS: u32 = 40;

pub struct Note {
    pub patient: String,
    pub text: String,
    pub label: &'static str,
}

/// Sentences and phrases that say nothing about the department.
const COMMON: &[Rule] = &[
    (
        "opening",
        &[
            "{age} y/o {sex} with {complaint} [for|over] {duration}.",
            "{age}{letter}, [c/o|complains of|presents with] {complaint}.",
            "[Referred by GP with|Seen for|Came in with|Attended with|Sent in because of] {complaint}[|, onset {duration} ago].",
            "[Follow-up|Review|Ward round|Clinic]: {complaint}, [unchanged|a little better|worse] since [the last visit|discharge].",
            "This {age}-year-old {job} [reports|describes|has noticed] {complaint} for {duration}.",
            "{complaint} for {duration}, [gradual|sudden] onset.",
            "Pt [reports|mentions|admits to] {complaint}[|, worse in the morning|, worse in the evening].",
            "Thank you for referring this {job} with {complaint}.",
            "Tel. consultation: {complaint}, [still|no longer] [troublesome|limiting daily life].",
            "\"[I just can't shake it off|It comes out of nowhere|My wife made me come]\": {complaint} for {duration}.",
        ],
    ),
    (
        "remark",
        &[
            "[Obs stable|Afebrile, obs stable|BP {110-170}/{60-95}, HR {55-105}|Temp {36-37}.{0-9} °C].",
            "[Ex-smoker|Never smoked|Smokes {5-30}/day][|, {0-20} units a week|, lives alone|, works nights].",
            "[Bloods sent|FBC and CRP normal|Bloods from the GP awaited|Hb {95-150}, WCC {4-12}].",
            "[Allergic to penicillin|NKDA|Medication list reviewed|Takes tablets irregularly].",
            "[Discussed with the family|Explained the findings|Leaflet given|Patient anxious about the results].",
            "[Appetite and sleep fair|Sleeping poorly|Weight {52-110} kg, stable].",
        ],
    ),
    (
        "closing",
        &[
            "[Review|See again|Follow-up] in {2-12} [weeks|months].",
            "[Discharge back to the GP|Discharged with safety-netting|Home today if bloods are fine].",
            "[Continue|No change to] current [medication|treatment].",
            "[Await|Chase] [results|old notes|the scan report].",
            "[Refer to|Opinion from|Ask] {elsewhere}.",
        ],
    ),
    (
        "excluded",
        &[
            "[On examination|O/E|Today]: {negative}, {negative_too}.",
            "{negative}, {negative_too}.",
            "{negative}[| today| at present].",
        ],
    ),
    (
        "background",
        &[
            "[PMH|Background|Hx of|Known] {comorbidity}[| and {comorbidity_too}].",
            "{comorbidity}, [stable|followed up elsewhere|well controlled].",
            "[Mother|Brother|Father] had {comorbidity_too}.",
        ],
    ),
    ("duration", &["{2-9} days", "{2-9} weeks", "{2-11} months", "a few [days|weeks]", "about a year", "3/52", "2/7"]),
    (
        "job",
        &[
            "[retired|former] teacher",
            "bus driver",
            "nurse",
            "farmer",
            "student",
            "builder",
            "pensioner",
            "cook",
            "musician",
        ],
    ),
    (
        "elsewhere",
        &[
            "[cardiology|the chest team|neurology|the GI team|the diabetes nurses|the renal team]",
            "physio",
            "social services",
            "the dietitian",
        ],
    ),
];

struct Patient {
    id: String,
    age: String,
    female: bool,
    /// The two departments the patient sees, and those of the comorbidities.
    departments: [usize; 2],
    comorbidities: [usize; 2],
}

fn patient(number: u32) -> Patient {
    let mut draw = Stream::new(SEED, Purpose::Sample, [0, number]);
    let mut department = || draw.below(DEPARTMENTS.len() as u32) as usize;
    let comorbidities = [department(), department()];
    let first = number as usize % DEPARTMENTS.len();
    // Every pair of departments comes up, so that the classes stay balanced.
    let second = (first + 1 + number as usize / DEPARTMENTS.len() % (DEPARTMENTS.len() - 1)) % DEPARTMENTS.len();
    Patient {
        id: format!("p{:02}", number + 1),
        age: (22 + draw.below(68)).to_string(),
        female: draw.below(2) == 0,
        departments: [first, second],
        comorbidities,
    }
}

/// One note of a patient: one to four sentences.
fn note(patient: &Patient, department: usize, draw: &mut Stream) -> String {
    let own = DEPARTMENTS[department].rules;
    let other =
        DEPARTMENTS[(department + 1 + draw.below(DEPARTMENTS.len() as u32 - 1) as usize) % DEPARTMENTS.len()].rules;
    let of = |rules: &'static [Rule<'static>], name: &str| -> &'static [&'static str] {
        rules.iter().find(|(slot, _)| *slot == name).map_or(&[], |(_, options)| options)
    };
    let shared: Vec<&str> =
        SHARED.iter().filter(|(_, heard)| heard.contains(&department)).map(|(text, _)| *text).collect();
    let is_shared = draw.below(100) < 45;
    let complaint = [if is_shared { pick(&shared, draw) } else { pick(of(own, "complaint"), draw) }];
    let facts: [Rule; 8] = [
        ("age", &[&patient.age]),
        ("sex", if patient.female { &["woman", "female", "lady"] } else { &["man", "male", "gentleman"] }),
        ("letter", if patient.female { &["F"] } else { &["M"] }),
        ("complaint", &complaint),
        ("negative", of(if draw.below(4) == 0 { own } else { other }, "negative")),
        ("negative_too", of(DEPARTMENTS[draw.below(DEPARTMENTS.len() as u32) as usize].rules, "negative")),
        ("comorbidity", of(DEPARTMENTS[patient.comorbidities[0]].rules, "history")),
        ("comorbidity_too", of(DEPARTMENTS[patient.comorbidities[1]].rules, "history")),
    ];
    let rules: &[&[Rule]] = &[&facts, own, COMMON];
    let mut text = Text::default();
    text.sentence("{opening}", rules, draw);
    let more = [0, 1, 1, 2, 2, 3, 3, 3][draw.below(8) as usize];
    // A note says each kind of thing once, in the order in which notes are written.
    let mut kinds: Vec<(u32, &str)> = Vec::new();
    for (order, name, weight) in [
        (0, "{background}", 2),
        (1, "{finding}", 5),
        (2, "{excluded}", 2),
        (3, "{remark}", 2),
        (4, "{plan}", 4),
        (5, "{closing}", 2),
    ] {
        kinds.extend(std::iter::repeat_n((order, name), weight));
    }
    draw.shuffle(&mut kinds);
    let mut chosen = BTreeSet::new();
    for kind in kinds {
        if chosen.len() < more {
            chosen.insert(kind);
        }
    }
    for (_, kind) in &chosen {
        text.sentence(kind, rules, draw);
    }
    text.surface
}

/// All notes, no text twice, in an order that tells nothing.
pub fn notes() -> Vec<Note> {
    let patients: Vec<Patient> = (0..PATIENTS).map(patient).collect();
    let mut draw = Stream::new(SEED, Purpose::Sample, [1, 0]);
    let (mut seen, mut notes) = (BTreeSet::new(), Vec::new());
    while notes.len() < NOTES {
        // Everyone gets a few notes before chance decides.
        let number =
            if notes.len() < 3 * patients.len() { notes.len() % patients.len() } else { draw.below(PATIENTS) as usize };
        let patient = &patients[number];
        let department = patient.departments[usize::from(draw.below(10) >= 7)];
        let text = note(patient, department, &mut draw);
        if seen.insert(text.to_lowercase()) {
            notes.push(Note { patient: patient.id.clone(), text, label: DEPARTMENTS[department].label });
        }
    }
    draw.shuffle(&mut notes);
    notes
}

/// The notes as CSV: header, every text quoted, lines ending in `\n`.
pub fn csv() -> String {
    let mut table = String::from("id,patient,text,label\n");
    for (index, note) in notes().iter().enumerate() {
        let text = note.text.replace('"', "\"\"");
        table.push_str(&format!("n{:03},{},\"{text}\",{}\n", index + 1, note.patient, note.label));
    }
    table
}
