//! Sentences with drugs, diseases and symptoms for entity recognition.
//!
//! What makes it more than a word list: abbreviations, negations, entities next to each other, words that are an entity in
//! one place and not in another (iron, depression, lithium, cold), and sentences that hold none.

use super::{Rule, SEED, Text};
use random::{Purpose, Stream};
use serde_json::json;
use std::collections::BTreeSet;

const SENTENCES: usize = 300;

/// A field of medicine and the surfaces of the three entity labels in it; a sentence keeps to one field.
pub const FIELDS: &[&[Rule]] = &[
    // Heart and vessels.
    &[
        (
            "Drug",
            &["[aspirin|clopidogrel|apixaban|warfarin|bisoprolol|amlodipine|ramipril|losartan|furosemide|\
              spironolactone|atorvastatin|digoxin|amiodarone|GTN|enoxaparin|LMWH]"],
        ),
        (
            "Disease",
            &["[hypertension|atrial fibrillation|AF|myocardial infarction|MI|heart failure|aortic stenosis|\
              deep vein thrombosis|DVT|angina|pericarditis|peripheral arterial disease]"],
        ),
        (
            "Symptom",
            &["[chest pain|palpitations|breathlessness|SOB|syncope|ankle swelling|dizziness|orthopnoea|\
              leg pain|fatigue|cold hands|chest tightness]"],
        ),
    ],
    // Lungs.
    &[
        (
            "Drug",
            &["[salbutamol|tiotropium|prednisolone|doxycycline|amoxicillin|co-amoxiclav|clarithromycin|\
              montelukast|theophylline|cetirizine|nintedanib|carbocisteine]"],
        ),
        (
            "Disease",
            &["[COPD|asthma|pneumonia|bronchiectasis|tuberculosis|pulmonary embolism|PE|lung cancer|\
              sarcoidosis|hay fever|pulmonary fibrosis|sleep apnoea]"],
        ),
        (
            "Symptom",
            &["[cough|wheeze|haemoptysis|shortness of breath|fever|night sweats|chills|runny nose|\
              pleuritic pain|dyspnoea|hoarseness|sore throat|sneezing]"],
        ),
    ],
    // Hormones and metabolism.
    &[
        (
            "Drug",
            &["[metformin|gliclazide|insulin glargine|empagliflozin|semaglutide|levothyroxine|carbimazole|\
              hydrocortisone|cabergoline|vitamin D|calcium carbonate|zoledronic acid|NovoRapid]"],
        ),
        (
            "Disease",
            &["[type 2 diabetes|T2DM|type 1 diabetes|hypothyroidism|Graves' disease|Addison's disease|\
              osteoporosis|acromegaly|polycystic ovary syndrome|hypercalcaemia|Sjögren's syndrome]"],
        ),
        (
            "Symptom",
            &["[polyuria|thirst|weight gain|weight loss|cold intolerance|hot flushes|hair loss|tremor|sweating|\
              dry mouth|constipation|bruising|tiredness]"],
        ),
    ],
    // Gut and liver.
    &[
        (
            "Drug",
            &["[omeprazole|lansoprazole|mesalazine|azathioprine|infliximab|loperamide|lactulose|spironolactone|\
              terlipressin|ursodeoxycholic acid|ondansetron|metoclopramide|iron|rifaximin]"],
        ),
        (
            "Disease",
            &["[gastro-oesophageal reflux|GORD|Crohn's disease|ulcerative colitis|UC|coeliac disease|cirrhosis|\
              gallstones|pancreatitis|hepatitis B|IBS|colorectal cancer|diverticulitis|iron deficiency]"],
        ),
        (
            "Symptom",
            &["[nausea|vomiting|diarrhoea|abdominal pain|heartburn|bloating|dysphagia|jaundice|itching|\
              loss of appetite|rectal bleeding|cramps|constipation]"],
        ),
    ],
    // Brain and nerves.
    &[
        (
            "Drug",
            &["[levetiracetam|sodium valproate|lamotrigine|co-careldopa|sumatriptan|propranolol|β-interferon|\
              gabapentin|amitriptyline|pyridostigmine|donepezil|clopidogrel|topiramate]"],
        ),
        (
            "Disease",
            &["[stroke|TIA|epilepsy|migraine|Parkinson's disease|multiple sclerosis|MS|dementia|\
              Alzheimer's disease|Ménière's disease|Guillain–Barré syndrome|myasthenia gravis|\
              peripheral neuropathy]"],
        ),
        (
            "Symptom",
            &["[headache|tremor|numbness|tingling|weakness|blurred vision|double vision|slurred speech|\
              confusion|photophobia|neck stiffness|pins and needles|memory problems|tinnitus|vertigo]"],
        ),
    ],
    // Kidneys and urine.
    &[
        (
            "Drug",
            &["[trimethoprim|nitrofurantoin|tacrolimus|potassium chloride|sodium bicarbonate|tamsulosin|\
              finasteride|oxybutynin|sevelamer|epoetin|furosemide|allopurinol|gentamicin]"],
        ),
        (
            "Disease",
            &["[chronic kidney disease|CKD|UTI|pyelonephritis|IgA nephropathy|kidney stones|AKI|gout|\
              prostate cancer|renal artery stenosis|nephrotic syndrome|BPH]"],
        ),
        (
            "Symptom",
            &["[dysuria|haematuria|urinary frequency|nocturia|loin pain|itching|muscle cramps|fever|\
              leg swelling|poor stream|fatigue|frothy urine]"],
        ),
    ],
    // Mind.
    &[
        (
            "Drug",
            &["[sertraline|mirtazapine|lithium|venlafaxine|olanzapine|quetiapine|diazepam|zopiclone|\
              risperidone|fluoxetine|lorazepam|clozapine]"],
        ),
        (
            "Disease",
            &["[depression|bipolar disorder|anxiety|schizophrenia|OCD|PTSD|anorexia nervosa|ADHD|\
              alcohol dependence|panic disorder]"],
        ),
        (
            "Symptom",
            &["[low mood|insomnia|poor concentration|hallucinations|irritability|early waking|restlessness|\
              dizziness|nausea|dry mouth|tremor|loss of appetite]"],
        ),
    ],
    // Joints and skin.
    &[
        (
            "Drug",
            &["[methotrexate|folic acid|paracetamol|ibuprofen|naproxen|codeine|morphine|colchicine|adalimumab|\
              hydroxychloroquine|flucloxacillin|hydrocortisone cream|leflunomide]"],
        ),
        (
            "Disease",
            &["[rheumatoid arthritis|RA|osteoarthritis|psoriasis|eczema|cellulitis|lupus|\
              ankylosing spondylitis|polymyalgia rheumatica|melanoma|shingles|Raynaud's]"],
        ),
        (
            "Symptom",
            &["[joint pain|knee swelling|back pain|morning stiffness|rash|itching|fever|mouth ulcers|hip pain|\
              dry eyes|hair loss|tiredness|bruising]"],
        ),
    ],
];

/// Words around the entities, and a few narrower lists of drugs and diseases.
pub const AROUND: &[Rule] = &[
    ("who", &["[she|he|the patient|this {20-89}-year-old man|this {20-89}-year-old woman|Pt|our patient]"]),
    ("dose", &["[5 mg|10 mg|20 mg|50 mg|100 mg|250 mg|500 mg|one tablet|a low dose|half the dose]"]),
    ("dosed in micrograms", &["[levothyroxine|digoxin|fentanyl|liothyronine|alfacalcidol]"]),
    ("dosed in grams", &["[paracetamol|mesalazine|ceftriaxone|co-amoxiclav|meropenem]"]),
    ("vaccine", &["[influenza|hepatitis B|COVID-19|shingles|tetanus]"]),
    ("contagious", &["[influenza|tuberculosis|chickenpox|COVID-19|norovirus|scabies|measles]"]),
    ("often", &["[daily|bd|tds|at night|twice daily|prn|once a week|every 6 hours|every 12 hours|for {5-14} days]"]),
    ("time", &["[{2-9} days|{2-9} weeks|{2-11} months|{2-20} years|three nights|a fortnight]"]),
    ("when", &["[yesterday|last week|in {2009-2023}|this morning|two days ago|in March|in autumn]"]),
    ("degree", &["[mild|severe|worsening|intermittent|persistent|new|occasional|marked]"]),
    ("course", &["[well controlled|stable|poorly controlled|in remission|progressing|under surveillance]"]),
    ("relative", &["[mother|father|sister|brother|grandmother|twin]"]),
    ("test", &["[CT|MRI|an ECG|an ultrasound|an X-ray|a biopsy|spirometry|a blood film]"]),
    (
        "value",
        &["[CRP {5-210}|Hb {75-160}|SpO2 {88-99}%|BP {95-185}/{55-105}|temperature {36-39}.{0-9} °C|HbA1c {38-99}|\
           potassium {3-5}.{0-9}|serum iron {4-25}|lithium level 0.{3-9}|vitamin D level {15-80}|INR {1-4}.{0-9}]"],
    ),
    ("reaction", &["[stopped|withheld|changed|reduced|not tolerated|restarted]"]),
    ("department", &["[cardiology|the chest clinic|neurology|the GP|rheumatology|A&E|the pain team]"]),
];

const TEMPLATES: &[&str] = &[
    "{who} [was started on|was given|takes|was switched to|is taking] {Drug} {dose} {often}.",
    "{who} [was started on|takes|is taking] {Drug} {dose} {often} for {Disease}.",
    "{Drug} {dose} {often} [for|because of] {degree} {Symptom}.",
    "{Drug} was {reaction} [because of|due to|after] {Symptom}.",
    "{Drug} was {reaction} {when}[| by {department}].",
    "{Symptom} [improved|settled|resolved] [on|with|after] {Drug}.",
    "{Symptom} and {Symptom} for {time}, no {Symptom}.",
    "{who} [denies|has no|reports no] {Symptom}, {Symptom} or {Symptom}.",
    "{who} [complains of|reports|describes|presented with] {degree} {Symptom} [for|over] {time}.",
    "{who} [complains of|presented with] {Symptom} and {degree} {Symptom} since [yesterday|last week|March|the weekend|{2015-2023}].",
    "{who} was [found to have|treated for|admitted with] {Disease} {when}.",
    "{who} has [a history of|known|longstanding] {Disease}, {Disease} and {Disease}.",
    "PMH: {Disease}, {Disease}[|, {Disease}].",
    "PMH {Disease} ({course}), {Disease}.",
    "DH: {Drug} {dose}, {Drug} {dose}, {Drug} {often}.",
    "Meds: {Drug}, {Drug}[|, {Drug}], NKDA.",
    "Allergic to {Drug} ([rash|hives|swelling] as a child).",
    "Allergies: {Drug}, {Drug}.",
    "{Disease} [well controlled|stable|under control] on {Drug}.",
    "{Drug:dosed in micrograms} {25-200} µg {often}, {Drug} {dose} {often}.",
    "{Drug:dosed in micrograms} {25-200} µg {often} [for|since the] {Disease}.",
    "{Drug:dosed in grams} {1-2} g {often}, {Symptom} [better|no better|worse].",
    "T {37-39}.{0-9} °C, {Symptom} and {Symptom}, {Drug} [given|held].",
    "{Disease}: {course}[|, next visit in {time}].",
    "{test} [was|showed] consistent with {Disease}.",
    "{test} {when} [ruled out|excluded] {Disease}.",
    "No evidence of {Disease} on {test}.",
    "[Impression|Imp|Dx]: {Disease}[| with {Symptom}].",
    "Impression: likely {Disease}, {Disease} less likely.",
    "?{Disease}, [await|chase] {test}.",
    "? {Disease} vs {Disease}.",
    "{Symptom} [might|could|may] be a side effect of {Drug}.",
    "{Symptom}, [thought to be|probably] due to {Disease} rather than {Disease}.",
    "{Symptom} at rest, {value}, [ECG normal|chest clear].",
    "{value} and {value}, {Drug} {dose} given.",
    "{value} on {Drug}, [continue|dose doubled|recheck in {time}].",
    "{value}, so {Drug} was {reaction}.",
    "Her {relative} had {Disease} and {Disease}.",
    "Family history of {Disease} in the {relative}[|, none of {Disease}].",
    "His {relative} died of {Disease} at {45-80}.",
    "[Plan|P]: stop {Drug}, start {Drug} {dose} {often}.",
    "[Plan|P]: {Drug} {dose} {often}, review in {time}.",
    "Plan: {test}, then consider {Drug}.",
    "[Increase|Reduce] {Drug} to {dose} {often}.",
    "[Continue|Restart|Hold] {Drug} and {Drug}[| until {department} review].",
    "Could we swap {Drug} for {Drug}, given the {Disease}?",
    "We agreed to try {Drug} [before|instead of] {Drug}.",
    "{who} would rather not take {Drug} because of the {Symptom} {when}.",
    "{who} ran out of {Drug} {when} and the {Symptom} came back.",
    "{who} missed {2-9} doses of {Drug}.",
    "{who} bought {Drug} over the counter for {Symptom}.",
    "{degree} {Symptom} after {Drug}, now on {Drug}.",
    "{degree} {Symptom}, {degree} {Symptom}, {value}.",
    "[On examination|O/E] {value}, no {Symptom}.",
    "Screening for {Disease} and {Disease} was negative.",
    "Vaccinated against {Disease:vaccine} and {Disease:contagious}[| {when}].",
    "Contact with {Disease:contagious} at work, so far without {Symptom}.",
    "{Disease} complicated by {Disease}, treated with {Drug}.",
    "{Disease} since {1990-2015}, {Drug} since {2016-2023}.",
    "{Drug}-induced {Symptom}, {Drug} tolerated so far.",
    "{Drug}/{Drug} combination {often}.",
    "{Symptom}/{Symptom} [resolved|ongoing].",
    "{Symptom}+, {Symptom}-, {Symptom}++.",
    "{Drug} dose [unclear|to be confirmed with {department}].",
    "Referred to {department} with {Symptom}, [query|suspected] {Disease}.",
    "Letter from {department}: {Disease} confirmed, {Drug} advised.",
    "{department} suggested {Drug} {dose} {often}[| if the {Symptom} persists].",
    "Worried about {Disease} as the {relative} has it.",
    "{who} wakes up with {Symptom} [most nights|every morning].",
    "[More|Less] {Symptom}, [worse on walking|better lying down|not related to meals].",
    "\"[Always|Again|Never] this {Symptom}\", says {who}.",
    "{who} is [pregnant|breastfeeding], so {Drug} was avoided.",
    "{who} was discharged on {Drug}, {Drug} and {Drug}[| with advice on {Symptom}].",
    "Previous {Disease} ({2001-2020}), recurrent {Disease}.",
    "Not {Disease}: {test} normal and no {Symptom}.",
    "In view of {Disease} we {reaction} {Drug}.",
    "{Drug} levels low, [adherence discussed|dose to go up].",
    "{Symptom} [started|began] [two days|a week] after the first dose of {Drug}.",
    "No {Symptom} since {Drug}, but some {Symptom}.",
    // Words of the lists above that are no entity here, and sentences that hold none.
    "ST depression in V{2-4} to V6, {value}.",
    "ST depression on exercise, {Symptom} at {80-160} W.",
    "{value} {when}[, repeat in {time}|, unchanged].",
    "{value}, {value}[| {when}].",
    "The cold weather makes the {Symptom} worse.",
    "Hands cold to the touch, pulses present, {value}.",
    "Insulin resistance was explained, diet sheet given[| {when}].",
    "{who} works in an iron foundry and [smokes {5-30} a day|has never smoked].",
    "Lives with the {relative}, [independent|needs help with shopping|walks with a stick].",
    "{test} booked for [Monday|Thursday|{2-9} weeks' time].",
    "Seen by {department} {when}, [no letter yet|nothing new].",
    "Skin warm and dry, {value}.",
    "{who} [slept well|ate breakfast|was seen with the family|went home] [today|yesterday|after the round].",
    "Compression stockings fitted, calf pressure [measured|checked].",
    "Reviewed {when}: [comfortable|alert and orientated|mobilising], {value}.",
];

/// One JSON object a line: id, text, and the entities with start, end (in characters, exclusive) and label.
pub fn jsonl() -> String {
    let mut draw = Stream::new(SEED, Purpose::Sample, [2, 0]);
    let mut templates = TEMPLATES.to_vec();
    let mut seen = BTreeSet::new();
    let mut sentences: Vec<Text> = Vec::new();
    draw.shuffle(&mut templates);
    for template in templates.iter().cycle() {
        let mut text = Text::default();
        let field = FIELDS[draw.below(FIELDS.len() as u32) as usize];
        text.sentence(template, &[field, AROUND], &mut draw);
        // "Allergies: aspirin, aspirin." would be an odd sentence.
        let surfaces: BTreeSet<String> = text
            .entities
            .iter()
            .map(|(start, end, _)| text.surface.chars().skip(*start).take(end - start).collect())
            .collect();
        if surfaces.len() == text.entities.len() && seen.insert(text.surface.to_lowercase()) {
            sentences.push(text);
        }
        if sentences.len() == SENTENCES {
            break;
        }
    }
    draw.shuffle(&mut sentences);
    let mut lines = String::new();
    for (index, Text { surface, entities }) in sentences.iter().enumerate() {
        let entities: Vec<_> =
            entities.iter().map(|(start, end, label)| json!({"start": start, "end": end, "label": label})).collect();
        let row = json!({"id": format!("s{:03}", index + 1), "text": surface, "entities": entities});
        lines.push_str(&format!("{row}\n"));
    }
    lines
}
