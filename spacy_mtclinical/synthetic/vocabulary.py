"""English medical words: diseases, symptoms, drugs, procedures, tests, question topics."""

from .banks import Bank, bank

SHARED: Bank = bank(
    age="3~ | 4~ | 5~ | 6~ | 7~ | 8~",
    n="two | three | four | five | six | seven | ten",
    value="1.~ | 2.~ | 4.~ | 7.~ | 1~.~ | 3~.~ | 9~ | 13~ | 14~ | 2~~",
    vital="98.~ | 9~ | 1~ | 120/8~ | 13~/7~ | 11~/6~",
    side="left | right",
    dept=(
        "the emergency department | the intensive care unit | the ICU | the ER | the operating room | the CCU"
        " | the medicine service | the recovery room"
    ),
    form="Tablet | Capsule | Tablet, Chewable | Capsule, Delayed Release(E.C.) | Solution | Suspension",
    dosage="One (1) | Two (2) | Three (3) | 1-2 | 0.5",
    route="PO | IV | by mouth | SC",
    sigroute="PO | PO | by mouth | SC",
    frequency=(
        "DAILY (Daily) | BID (2 times a day) | TID (3 times a day) | QHS (once a day (at bedtime)) | twice daily"
        " | Q6H (every 6 hours) as needed | Q4H (every 4 hours)"
    ),
    often="daily | twice a day | every 8 hours | every other day | at bedtime | BID | q6h",
    strength="5 mg | 10 mg | 12.5 mg | 20 mg | 25 mg | 40 mg | 50 mg | 81 mg | 100 mg | 500 mg | 1 gram",
    duration="7 days | 10 days | 14 days | 5 days | two weeks | six weeks | 3 months | 48 hours",
    course="7 day | 10-day | 14 day | 5 day | two week | six week",
)

TRAIN: Bank = bank(
    disease=(
        "hypertension | atrial fibrillation | congestive heart failure | diabetes mellitus type 2"
        " | community acquired pneumonia | chronic kidney disease | urinary tract infection | coronary artery disease"
        " | deep venous thrombosis | gastrointestinal bleeding | pancreatitis | asthma | osteoarthritis"
        " | hypothyroidism | aortic stenosis | cellulitis | cirrhosis | breast cancer | epilepsy | depression"
        " | iron deficiency anemia | peripheral vascular disease | gout | hepatitis C | pleural effusion"
        " | small bowel obstruction | lumbar spinal stenosis | gastric ulcer | subdural hematoma | diverticulitis"
        " | prostate cancer | renal failure | mitral regurgitation | hip fracture | migraine | dementia"
    ),
    symptom=(
        "chest pain | fever | shortness of breath | nausea | abdominal pain | headache | dizziness | palpitations"
        " | leg swelling | diarrhea | rash | productive cough | back pain | blurred vision | weight loss"
        " | lower extremity weakness | night sweats | hematuria | lethargy | hypotension"
    ),
    p=(
        "{disease} | {disease} | {symptom} | {severity} {disease} | {severity} {symptom}"
        " | pain in the {side} {part} | {severity} swelling of the {part}"
    ),
    severity="severe | mild | chronic | recurrent | intermittent | worsening | new onset",
    part="arm | leg | shoulder | knee | foot | hip | flank",
    drug=(
        "lisinopril | metoprolol | atorvastatin | furosemide | warfarin | aspirin | heparin | vancomycin"
        " | levofloxacin | omeprazole | prednisone | insulin glargine | metformin | albuterol | morphine | lorazepam"
        " | haloperidol | digoxin | amiodarone | gabapentin | sertraline | acetaminophen | ibuprofen | ceftriaxone"
        " | ranitidine | docusate sodium | potassium chloride | spironolactone | levothyroxine | allopurinol"
        " | phenytoin | tacrolimus | fluconazole | acyclovir | ondansetron | tamsulosin | simvastatin | nitroglycerin"
    ),
    procedure=(
        "coronary artery bypass graft | hemodialysis | mechanical ventilation | laparoscopic appendectomy"
        " | total knee replacement | pacemaker placement | chest tube placement | blood transfusion"
        " | intravenous fluids | supplemental oxygen | physical therapy | incision and drainage | chemotherapy"
        " | mitral valve repair | right hemicolectomy"
    ),
    test=(
        "chest x-ray | echocardiogram | abdominal CT scan | electrocardiogram | urinalysis | colonoscopy | head MRI"
        " | blood culture | stress test | renal ultrasound | lumbar puncture | cardiac enzymes"
        " | physical examination | CBC & differential | liver biopsy"
    ),
    lab=(
        "hematocrit | sodium | creatinine | white blood cell count | INR | glucose | platelets | troponin | BUN"
        " | calcium | ALT | lactate"
    ),
    sign="temperature | blood pressure | heart rate | oxygen saturation",
    topic=(
        "sickle cell disease | kidney stones | lyme disease | high cholesterol | psoriasis | celiac disease"
        " | sleep apnea | glaucoma | carpal tunnel syndrome | endometriosis | osteoporosis | shingles"
        " | fibromyalgia | gallstones | lactose intolerance | bipolar disorder | macular degeneration"
        " | restless legs syndrome | hemophilia | eczema | pancreatic cancer | parkinson disease"
        " | plantar fasciitis | varicose veins | whooping cough | stomach ulcers | vitamin D deficiency"
        " | heart murmur | mitral valve prolapse | scoliosis | tinnitus | food poisoning | chickenpox"
        " | thyroid nodules | peripheral neuropathy | hiatal hernia | color blindness | down syndrome"
    ),
)

HELD: Bank = bank(
    disease=(
        "hyperlipidemia | ventricular tachycardia | dilated cardiomyopathy | type 1 diabetes | aspiration pneumonia"
        " | end stage renal disease | pyelonephritis | pulmonary embolism | chronic obstructive pulmonary disease"
        " | cholecystitis | rheumatoid arthritis | hyperthyroidism | tricuspid regurgitation | osteomyelitis"
        " | hepatic encephalopathy | colon cancer | multiple sclerosis | anxiety | thrombocytopenia"
        " | carotid stenosis | pericardial effusion | ischemic colitis | cerebellar stroke | wrist fracture"
        " | lung cancer | sinusitis"
    ),
    symptom=(
        "vomiting | chills | dyspnea | constipation | confusion | fatigue | syncope | neck pain | wheezing"
        " | sore throat | pruritus | hemoptysis | ankle edema | double vision | bradycardia | muscle cramps"
    ),
    p=(
        "{disease} | {disease} | {symptom} | {severity} {disease} | {severity} {symptom}"
        " | numbness in the {side} {part} | {severity} tenderness of the {part}"
    ),
    severity="moderate | acute | persistent | progressive | significant",
    part="hand | elbow | calf | ankle | thigh | wrist",
    drug=(
        "enalapril | carvedilol | pravastatin | torsemide | enoxaparin | clopidogrel | cefazolin | ciprofloxacin"
        " | pantoprazole | hydrocortisone | insulin lispro | glipizide | ipratropium | hydromorphone | diazepam"
        " | olanzapine | diltiazem | sotalol | citalopram | oxycodone | naproxen | ampicillin | famotidine"
        " | magnesium oxide | amlodipine | losartan | cyclosporine | azithromycin | methotrexate | lamotrigine"
    ),
    procedure=(
        "aortic valve replacement | peritoneal dialysis | endotracheal intubation | open cholecystectomy"
        " | hip arthroplasty | stent placement | plasma exchange | radiation therapy | wound debridement"
        " | tube feeding | left nephrectomy"
    ),
    test=(
        "chest CT | cardiac MRI | abdominal ultrasound | bronchoscopy | upper endoscopy | urine culture | knee x-ray"
        " | bone scan | EEG | neurologic examination | lipase & amylase | skin biopsy"
    ),
    lab="hemoglobin | potassium | bicarbonate | bilirubin | albumin | magnesium | AST | phosphate | chloride",
    sign="pulse | respiratory rate | body weight",
    topic=(
        "cystic fibrosis | bladder infection | west nile virus | low blood sugar | rosacea | ulcerative colitis"
        " | narcolepsy | cataracts | tennis elbow | ovarian cysts | rickets | measles | ankylosing spondylitis"
        " | cluster headaches | peanut allergy | schizophrenia | retinal detachment | muscular dystrophy"
        " | bladder cancer | huntington disease | heel spurs | hemorrhoids | acid reflux | magnesium deficiency"
        " | cleft palate | bell palsy"
    ),
)
