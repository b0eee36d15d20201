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
        " | Q6H (every 6 hours) | Q4H (every 4 hours)"
    ),
    often="daily | twice a day | every 8 hours | every other day | at bedtime | BID | q6h",
    strength="5 mg | 10 mg | 12.5 mg | 20 mg | 25 mg | 40 mg | 50 mg | 81 mg | 100 mg | 500 mg | 1 gram",
    duration="7 days | 10 days | 14 days | 5 days | two weeks | six weeks | 3 months | 48 hours",
    course="7 day | 10-day | 14 day | 5 day | two week | six week",
)

TRAIN: Bank = bank(
    disease=(
        "hypertension | atrial fibrillation | congestive heart failure | diabetes mellitus type 2"
        " | community acquired pneumonia | chronic kidney disease | urinary tract infection"
        " | coronary artery disease | deep venous thrombosis | gastrointestinal bleeding | pancreatitis"
        " | asthma | osteoarthritis | hypothyroidism | aortic stenosis | cellulitis | cirrhosis"
        " | breast cancer | epilepsy | depression | iron deficiency anemia | peripheral vascular disease"
        " | gout | viral hepatitis | pleural effusion | small bowel obstruction | lumbar spinal stenosis"
        " | gastric ulcer | subdural hematoma | diverticulitis | prostate cancer | renal failure"
        " | mitral regurgitation | hip fracture | migraine | dementia | appendicitis | endocarditis"
        " | septic shock | hyponatremia | pulmonary fibrosis | ovarian mass | sleep apnea | inguinal hernia"
        " | myocardial infarction | meningitis | neutropenia | psoriasis | retinal hemorrhage | sarcoidosis"
        " | thyroid nodule | vasculitis | cardiac arrest | bladder tumor | hypokalemia | esophageal varices"
        " | diabetic neuropathy | tonsillitis | alcohol withdrawal | lymphoma | portal hypertension"
        " | rib fracture"
    ),
    symptom=(
        "chest pain | fever | shortness of breath | nausea | abdominal pain | headache | dizziness"
        " | palpitations | leg swelling | diarrhea | rash | productive cough | back pain | blurred vision"
        " | weight loss | lower extremity weakness | night sweats | hematuria | lethargy | hypotension"
        " | jaundice | insomnia | tremor | dysphagia | joint stiffness | hoarseness | tachycardia"
        " | urinary retention | anorexia | malaise | hiccups | flushing | agitation | epistaxis"
        " | facial droop | itching"
    ),
    p=(
        "{disease} | {disease} | {symptom} | {severity} {disease} | {severity} {symptom}"
        " | pain in the {side} {part} | {severity} swelling of the {part} | {severity} {kind} of the {part}"
        " | erythema of the {part}"
    ),
    kind="lesion | ulcer | infection | wound",
    severity="severe | mild | chronic | recurrent | intermittent | worsening | new onset | subacute | stable",
    part="arm | leg | shoulder | knee | foot | hip | flank | chin | scalp | heel | groin",
    drug=(
        "lisinopril | metoprolol | atorvastatin | furosemide | warfarin | aspirin | heparin | vancomycin"
        " | levofloxacin | omeprazole | prednisone | insulin glargine | metformin | albuterol | morphine"
        " | lorazepam | haloperidol | digoxin | amiodarone | gabapentin | sertraline | acetaminophen"
        " | ibuprofen | ceftriaxone | ranitidine | docusate sodium | potassium chloride | spironolactone"
        " | levothyroxine | allopurinol | phenytoin | tacrolimus | fluconazole | acyclovir | ondansetron"
        " | tamsulosin | simvastatin | nitroglycerin | meropenem | hydrochlorothiazide | verapamil | atenolol"
        " | valsartan | colchicine | fentanyl | midazolam | quetiapine | trazodone | fluoxetine | mirtazapine"
        " | lansoprazole | senna | ferrous sulfate | folic acid | calcium carbonate | tiotropium"
        " | montelukast | doxycycline | clindamycin | linezolid | rifampin | dexamethasone | mycophenolate"
        " | levetiracetam | topiramate | ezetimibe | glyburide | apixaban"
    ),
    procedure=(
        "coronary artery bypass graft | hemodialysis | mechanical ventilation | laparoscopic appendectomy"
        " | total knee replacement | pacemaker placement | chest tube placement | blood transfusion"
        " | intravenous fluids | supplemental oxygen | physical therapy | incision and drainage"
        " | chemotherapy | mitral valve repair | right hemicolectomy | hernia repair | skin grafting"
        " | cardioversion | spinal fusion | thoracentesis | splenectomy | cataract surgery"
        " | kidney transplant | nasal packing | compression stockings | central line placement"
        " | wound closure | bladder irrigation | leg amputation"
    ),
    test=(
        "chest x-ray | echocardiogram | abdominal CT scan | electrocardiogram | urinalysis | colonoscopy"
        " | head MRI | blood culture | stress test | renal ultrasound | lumbar puncture | cardiac enzymes"
        " | physical examination | CBC & differential | liver biopsy | mammogram | pelvic x-ray | spine MRI"
        " | sputum culture | angiogram | lung scan | ECG | HIV test | PET scan | visual acuity test"
        " | carotid duplex"
    ),
    lab=(
        "hematocrit | sodium | creatinine | white blood cell count | INR | glucose | platelets | troponin"
        " | BUN | calcium | ALT | lactate | ferritin | TSH | alkaline phosphatase | total protein | uric acid"
        " | vitamin B12 | D-dimer | CK | LDH | cholesterol | ammonia | pH"
    ),
    sign="temperature | blood pressure | heart rate | oxygen saturation | height | urine output",
    topic=(
        "kidney stones | lyme disease | high cholesterol | celiac disease | glaucoma | endometriosis"
        " | osteoporosis | shingles | fibromyalgia | gallstones | lactose intolerance | bipolar disorder"
        " | hemophilia | eczema | pancreatic cancer | parkinson disease | varicose veins | whooping cough"
        " | stomach ulcers | heart murmur | scoliosis | tinnitus | food poisoning | chickenpox"
        " | thyroid nodules | neuropathy | hiatal hernia | color blindness | down syndrome | restless legs"
        " | sickle cell disease | carpal tunnel syndrome"
    ),
)

HELD: Bank = bank(
    disease=(
        "hyperlipidemia | ventricular tachycardia | dilated cardiomyopathy | type 1 diabetes"
        " | aspiration pneumonia | end stage renal disease | pyelonephritis | pulmonary embolism"
        " | chronic obstructive pulmonary disease | cholecystitis | rheumatoid arthritis | hyperthyroidism"
        " | tricuspid regurgitation | osteomyelitis | hepatic encephalopathy | colon cancer"
        " | multiple sclerosis | anxiety | thrombocytopenia | carotid stenosis | pericardial effusion"
        " | colitis | cerebellar stroke | wrist fracture | lung cancer | sinusitis"
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
        "enalapril | carvedilol | pravastatin | torsemide | enoxaparin | clopidogrel | cefazolin"
        " | ciprofloxacin | pantoprazole | hydrocortisone | insulin lispro | glipizide | ipratropium"
        " | hydromorphone | diazepam | olanzapine | diltiazem | sotalol | citalopram | oxycodone | naproxen"
        " | ampicillin | famotidine | magnesium oxide | amlodipine | losartan | cyclosporine | azithromycin"
        " | methotrexate | lamotrigine"
    ),
    procedure=(
        "aortic valve replacement | peritoneal dialysis | endotracheal intubation | open cholecystectomy"
        " | hip arthroplasty | stent placement | plasma exchange | radiation therapy | wound debridement"
        " | tube feeding | left nephrectomy"
    ),
    test=(
        "chest CT | cardiac MRI | abdominal ultrasound | bronchoscopy | upper endoscopy | urine culture"
        " | knee x-ray | bone scan | EEG | neurologic examination | lipase & amylase | skin biopsy"
    ),
    lab="hemoglobin | potassium | bicarbonate | bilirubin | albumin | magnesium | AST | phosphate | chloride",
    sign="pulse | respiratory rate | body weight",
    topic=(
        "cystic fibrosis | bladder infection | west nile virus | low blood sugar | rosacea"
        " | ulcerative colitis | narcolepsy | cataracts | tennis elbow | ovarian cysts | rickets | measles"
        " | ankylosing spondylitis | cluster headaches | peanut allergy | schizophrenia | retinal detachment"
        " | muscular dystrophy | bladder cancer | huntington disease | heel spurs | hemorrhoids | acid reflux"
        " | magnesium deficiency | cleft palate | bell palsy"
    ),
)
