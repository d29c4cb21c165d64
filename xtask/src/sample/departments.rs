//! What the departments hear, find and do: the words of the notes.

use super::Rule;

pub struct Department {
    pub label: &'static str,
    pub rules: &'static [Rule<'static>],
}

/// Every department fills the slots complaint, finding, plan, negative and history.
pub const DEPARTMENTS: [Department; 6] = [
    Department {
        label: "cardiology",
        rules: &[
            (
                "complaint",
                &[
                    "palpitations[| at rest| after coffee]",
                    "central chest pain [on climbing stairs|radiating to the left arm|relieved by GTN]",
                    "exertional chest heaviness",
                    "a racing heart",
                    "orthopnoea and swollen legs",
                    "an irregular pulse found at the [pharmacy|GP surgery]",
                    "a new murmur",
                    "calf pain on walking {50-200} metres",
                ],
            ),
            (
                "finding",
                &[
                    "ECG: [AF, rate {90-150}|sinus rhythm with LBBB|T wave inversion V{2-4}-V6|ST depression in the lateral leads].",
                    "Echo [today|last week] showed an EF of {20-55}%.",
                    "Troponin {10-90} ng/L[, repeat pending| on arrival].",
                    "[Pan-systolic|Ejection systolic] murmur[, loudest at the apex| radiating to the carotids].",
                    "24 h tape recorded [short runs of SVT|pauses of up to {2-4} s|{200-900} ventricular ectopics].",
                    "JVP raised, [bibasal crepitations|pitting oedema to the knees].",
                    "NT-proBNP {400-3000}.",
                ],
            ),
            (
                "plan",
                &[
                    "[Increase|Start] bisoprolol to {2-10} mg.",
                    "[Listed|Booked] for coronary angiography.",
                    "Apixaban 5 mg bd, CHA2DS2-VASc {2-5}.",
                    "[DC cardioversion|Ablation] discussed.",
                    "Pacemaker check in {3-12} months.",
                    "Up-titrate sacubitril/valsartan, weigh daily.",
                ],
            ),
            (
                "negative",
                &["no chest pain", "no palpitations", "heart sounds normal", "ECG unremarkable", "no ankle oedema"],
            ),
            ("history", &["AF", "an MI in {2001-2021}", "heart failure", "ischaemic heart disease", "aortic stenosis"]),
        ],
    },
    Department {
        label: "respiratory",
        rules: &[
            (
                "complaint",
                &[
                    "a productive cough[| with green sputum]",
                    "wheeze [at night|after exercise|around cats]",
                    "haemoptysis[| twice]",
                    "a dry cough since the spring",
                    "an exacerbation of COPD",
                    "loud snoring and daytime sleepiness",
                    "pleuritic pain on the [left|right]",
                    "more frequent use of the blue inhaler",
                ],
            ),
            (
                "finding",
                &[
                    "FEV1 {35-90}% predicted[|, FEV1/FVC 0.{45-79}].",
                    "SpO2 {86-95}% on [air|2 L].",
                    "CXR: [hyperinflated lungs|right lower lobe consolidation|small left effusion|clear fields].",
                    "[Scattered wheeze|Fine end-inspiratory crackles|Reduced air entry at the right base].",
                    "Peak flow {180-450}, best {460-600}.",
                    "CT thorax: [{4-9} mm nodule|ground-glass change|traction bronchiectasis].",
                    "Sleep study: AHI {6-60}/h.",
                ],
            ),
            (
                "plan",
                &[
                    "Prednisolone {30-40} mg for five days and [doxycycline|amoxicillin].",
                    "[Step up|Change] to a LABA/LAMA inhaler, technique checked.",
                    "Trial of CPAP.",
                    "[Pulmonary rehab|Smoking cessation] referral.",
                    "Bronchoscopy next [Monday|week].",
                    "Repeat CT chest in {3-12} months.",
                ],
            ),
            ("negative", &["chest clear", "no wheeze", "no haemoptysis", "saturations normal", "no cough or sputum"]),
            ("history", &["COPD", "asthma since childhood", "OSA on CPAP", "bronchiectasis", "a PE in {2005-2020}"]),
        ],
    },
    Department {
        label: "neurology",
        rules: &[
            (
                "complaint",
                &[
                    "weakness of the [left|right] [arm|leg|face]",
                    "a thunderclap headache",
                    "[two|three] witnessed seizures",
                    "a resting tremor of the [left|right] hand",
                    "migraine with aura [weekly|{2-9} times a month]",
                    "double vision[| towards evening]",
                    "slurred speech for {10-50} minutes",
                    "unsteady gait and falls backwards",
                ],
            ),
            (
                "finding",
                &[
                    "MRI brain: [periventricular white matter lesions|no acute infarct|small vessel disease].",
                    "[Reflexes brisk, left plantar upgoing|Ankle jerks absent].",
                    "Power {3-4}/5 in [hip flexion|finger extension], sensation intact.",
                    "EEG: [left temporal sharp waves|no epileptiform activity].",
                    "MoCA {15-29}/30.",
                    "[Cogwheel rigidity|Bradykinesia] on the [right|left].",
                    "Nerve conduction [shows an axonal neuropathy|is normal].",
                ],
            ),
            (
                "plan",
                &[
                    "[Increase|Start] levetiracetam [250|500|750] mg bd.",
                    "Propranolol as prophylaxis, headache diary.",
                    "Lumbar puncture [booked|declined].",
                    "Co-careldopa three times a day, [neurophysio|Parkinson's nurse] to see.",
                    "No driving until seizure-free for {6-12} months.",
                    "Carotid doppler and clopidogrel.",
                ],
            ),
            ("negative", &["no focal deficit", "no seizures", "cranial nerves intact", "no headache", "GCS 15"]),
            (
                "history",
                &["a stroke in {2008-2021}", "epilepsy", "migraine", "Parkinson's disease", "relapsing-remitting MS"],
            ),
        ],
    },
    Department {
        label: "gastroenterology",
        rules: &[
            (
                "complaint",
                &[
                    "bloody diarrhoea {4-12} times a day",
                    "heartburn [after meals|on lying down]",
                    "difficulty swallowing [solids|meat and bread]",
                    "black stools[| for two days]",
                    "bloating and a change in bowel habit",
                    "jaundice and itching",
                    "colicky abdominal pain",
                    "an incidental gallstone",
                ],
            ),
            (
                "finding",
                &[
                    "Faecal calprotectin {150-1800}.",
                    "[OGD|Gastroscopy]: [LA grade B oesophagitis|antral gastritis, CLO test positive|no varices].",
                    "Colonoscopy to the caecum: [two polyps removed|left-sided colitis|diverticular disease].",
                    "ALT {60-400}, bilirubin {18-90}.",
                    "Abdomen [soft, tender in the RIF|distended with shifting dullness].",
                    "FibroScan {5-30} kPa.",
                    "tTG antibodies [positive|raised at {20-120}].",
                ],
            ),
            (
                "plan",
                &[
                    "Omeprazole [20|40] mg [daily|bd], avoid NSAIDs.",
                    "[Mesalazine|Azathioprine] continued, bloods every {6-12} weeks.",
                    "Repeat OGD in {6-10} weeks.",
                    "Dietitian for [a gluten-free|a low FODMAP] diet.",
                    "Ultrasound of the liver and biliary tree.",
                    "Infliximab infusion number {2-9} today.",
                ],
            ),
            ("negative", &["abdomen soft", "no dysphagia", "bowels regular", "no rectal bleeding", "LFTs normal"]),
            (
                "history",
                &["Crohn's disease", "reflux", "coeliac disease", "a cholecystectomy", "alcohol-related cirrhosis"],
            ),
        ],
    },
    Department {
        label: "endocrinology",
        rules: &[
            (
                "complaint",
                &[
                    "erratic home glucose readings",
                    "[heat intolerance|sweating] and a fine tremor",
                    "a lump in the neck[| that moves on swallowing]",
                    "recurrent hypos [at night|before lunch]",
                    "galactorrhoea and irregular periods",
                    "feeling cold and gaining weight",
                    "an incidental adrenal nodule",
                    "easy bruising and a rounder face",
                ],
            ),
            (
                "finding",
                &[
                    "HbA1c {52-110} mmol/mol.",
                    "TSH [<0.01|{12-60}], free T4 {4-45}.",
                    "Calcium 2.{65-95}, PTH {8-25}.",
                    "[Smooth goitre, no bruit|Lid lag and a fine tremor].",
                    "Prolactin {700-4000}.",
                    "Short Synacthen test: cortisol {120-600} at 30 min.",
                    "Libre download: {30-75}% in range[|, lows overnight].",
                ],
            ),
            (
                "plan",
                &[
                    "[Increase|Reduce] [basal|evening] insulin by {2-6} units.",
                    "Levothyroxine {50-150} µg, recheck in six weeks.",
                    "[Start|Add] [metformin|semaglutide|dapagliflozin].",
                    "Carbimazole {10-40} mg, warned about sore throat.",
                    "MRI pituitary requested.",
                    "DEXA and vitamin D, then decide on zoledronate.",
                ],
            ),
            (
                "negative",
                &["no hypos", "clinically euthyroid", "no goitre", "no polyuria or thirst", "glucose {5-8} mmol/L"],
            ),
            ("history", &["type 2 diabetes", "type 1 diabetes", "hypothyroidism", "Graves' disease", "osteoporosis"]),
        ],
    },
    Department {
        label: "nephrology",
        rules: &[
            (
                "complaint",
                &[
                    "frothy urine",
                    "a falling eGFR",
                    "visible haematuria after a cold",
                    "a clotted fistula",
                    "cramps [during|after] dialysis",
                    "reduced urine output since [surgery|the weekend]",
                    "itch and restless legs on dialysis",
                    "a routine transplant review",
                ],
            ),
            (
                "finding",
                &[
                    "Creatinine {120-620}[, baseline {80-110}| and rising].",
                    "eGFR {8-55}, down from {56-70}.",
                    "Urine ACR {30-400}.",
                    "Potassium {5-6}.{1-9}, bicarbonate {14-21}.",
                    "US: [small echogenic kidneys|bilateral hydronephrosis|normal-sized kidneys].",
                    "Dipstick: [blood 3+, protein 2+|protein 3+].",
                    "Tacrolimus level {4-12}.",
                ],
            ),
            (
                "plan",
                &[
                    "Biopsy [tomorrow|on Thursday], consented.",
                    "[Hold|Stop] ramipril and repeat U&E in {3-10} days.",
                    "[Access clinic|Transplant work-up], home dialysis talked through.",
                    "Dry weight down to {55-95} kg.",
                    "[Darbepoetin|IV iron] as Hb {80-105}.",
                    "[Sevelamer|Sodium bicarbonate] added, low-potassium diet.",
                ],
            ),
            (
                "negative",
                &["renal function stable", "urine dip clear", "no haematuria", "passing good volumes of urine"],
            ),
            (
                "history",
                &["CKD 3b", "polycystic kidneys", "IgA nephropathy", "a renal transplant in {2006-2020}", "stones"],
            ),
        ],
    },
];

/// Complaints that several departments hear (indices into `DEPARTMENTS`).
pub const SHARED: [(&str, &[usize]); 20] = [
    ("breathlessness on exertion", &[0, 1]),
    ("worsening shortness of breath", &[0, 1, 5]),
    ("chest tightness", &[0, 1]),
    ("retrosternal burning", &[0, 3]),
    ("epigastric discomfort", &[0, 3]),
    ("a collapse [at home|in the shower]", &[0, 2]),
    ("dizzy spells", &[0, 2, 4]),
    ("ankle swelling", &[0, 5]),
    ("high blood pressure despite [two|three] drugs", &[0, 4, 5]),
    ("a cough at night", &[1, 3]),
    ("weight loss of {4-9} kg", &[1, 3, 4]),
    ("a hoarse voice", &[1, 4, 3]),
    ("headaches in the morning", &[2, 1]),
    ("tingling in both feet", &[2, 4]),
    ("confusion", &[2, 4, 5]),
    ("nausea and vomiting", &[3, 5]),
    ("loss of appetite", &[3, 5]),
    ("thirst and passing a lot of urine", &[4, 5]),
    ("muscle weakness", &[2, 4]),
    ("tiredness", &[0, 1, 2, 3, 4, 5]),
];
