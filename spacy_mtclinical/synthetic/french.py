"""French titles and leaflets with nested and discontinuous UMLS groups, as QUAERO has them: tokenised, marked up.

Both banks follow one guideline: a mention is a noun with its adjectives and complements, without its article; a body
part or substance within a disorder or procedure is marked too. All nouns that follow an article are feminine, so that
templates agree with them; `elide` does the rest.
"""

import re
from typing import Tuple

from .banks import Bank, bank

SHARED: Bank = bank(
    taux="{chiffre} | 1~ | 2~ | 3~",
    chiffre="2 | 3 | 4 | 5 | 6 | 7 | 8 | 9",
    dose="5 mg | 10 mg | 50 mg | 100 mg | 250 mg",
    heures="6 | 8 | 12 | 24",
)

TRAIN: Bank = bank(
    trouble=(
        "infection | lésion | tumeur | hémorragie | inflammation | insuffisance | sténose | douleur"
        " | fracture | nécrose | atrophie | paralysie | ulcération | dilatation | dysfonction | toxicité"
        " | fibrose | déformation | occlusion | irritation | embolie | plaie | hernie | luxation | compression"
        " | dégénérescence | calcification | contracture | stase | invasion | torsion | brûlure | dysplasie"
    ),
    grave="aiguë | chronique | grave | récidivante | bénigne | rare | primaire | mortelle",
    d_anat=(
        "[ANAT pulmonaire] | [ANAT hépatique] | [ANAT cardiaque] | [ANAT gastrique] | [ANAT cérébrale]"
        " | [ANAT vésicale] | [ANAT oculaire] | [ANAT nasale] | [ANAT dentaire] | [ANAT abdominale]"
        " | [ANAT thoracique] | [ANAT pelvienne] | [ANAT artérielle] | [ANAT veineuse] | [ANAT nerveuse]"
        " | [ANAT buccale] | [ANAT faciale] | [ANAT utérine] | [ANAT coronaire] | [ANAT fémorale]"
        " | [ANAT lombaire] | [ANAT biliaire] | [ANAT ovarienne] | [ANAT mammaire] | [ANAT trachéale]"
        " | [ANAT rectale] | [ANAT rétinienne] | [ANAT crânienne] | [ANAT tibiale] | [ANAT ganglionnaire]"
        " | [ANAT tissulaire] | [ANAT pleurale] | [ANAT ligamentaire] | [ANAT cellulaire] | [ANAT valvulaire]"
    ),
    de_anat=(
        "du [ANAT foie] | du [ANAT bras] | de l' [ANAT estomac] | du [ANAT poumon] | de la [ANAT vessie]"
        " | de la [ANAT jambe] | du [ANAT genou] | de l' [ANAT épaule] | du [ANAT cou] | de l' [ANAT oeil]"
        " | du [ANAT nez] | de la [ANAT bouche] | de la [ANAT main] | du [ANAT dos] | de l' [ANAT oreille]"
        " | de la [ANAT langue] | du [ANAT coude] | du [ANAT sein] | du [ANAT colon] | de la [ANAT rate]"
        " | du [ANAT cerveau] | de la [ANAT peau] | du [ANAT crâne] | de l' [ANAT utérus] | du [ANAT poignet]"
        " | de la [ANAT hanche] | du [ANAT doigt] | de la [ANAT gorge] | de l' [ANAT ovaire] | du [ANAT tendon]"
    ),
    maladie=(
        "tuberculose | épilepsie | anémie | pneumonie | migraine | leucémie | hépatite | arthrite"
        " | hypertension | grippe | malaria | appendicite | dépression | démence | hémophilie | ostéoporose"
        " | varicelle | sclérodermie | sarcoïdose | pancréatite | néphrite | myopathie | amnésie | acidose"
        " | péritonite | rougeole | dermatite | angine | septicémie | cataracte | otite | sinusite | colite | cystite"
        " | endocardite | neutropénie | lymphopénie | névralgie | eczéma | choléra | diphtérie | scarlatine | oreillons"
        " | paranoïa | autisme | glaucome | goutte | scoliose | silicose | stéatose | thyroïdite | zona"
    ),
    signe=(
        "nausées | fièvre | céphalées | vertiges | fatigue | diarrhée | éruption | palpitations | anxiété"
        " | tremblements | crampes | somnolence | douleurs | urticaire | confusion | convulsions | sueurs | rougeurs"
        " | frissons | démangeaisons | oedème | syncope | bouffées | saignements | hoquet | apathie | dyspepsie"
    ),
    chem=(
        "amoxicilline | morphine | aspirine | insuline | digoxine | prednisone | lamivudine | ciclosporine"
        " | warfarine | rifampicine | simvastatine | quinine | doxycycline | caféine | lidocaïne | adrénaline"
        " | dopamine | pénicilline | tétracycline | névirapine | clozapine | fluoxétine | cortisone"
        " | méthadone | ribavirine | nicotine | vitamine C | thalidomide | érythromycine | gentamicine | atropine"
        " | histamine | sérotonine | furosémide | halopéridol | paclitaxel | captopril | tamoxifène | cimétidine"
        " | propranolol | carbamazépine | rapamycine | streptomycine | théophylline | testostérone | progestérone"
    ),
    proc=(
        "[PROC biopsie {d_anat}] | [PROC scintigraphie {d_anat}] | [PROC chirurgie {d_anat}]"
        " | [PROC transplantation {d_anat}] | [PROC ponction {d_anat}] | [PROC angiographie {d_anat}]"
        " | [PROC tomographie {d_anat}] | [PROC anastomose {d_anat}] | [PROC radiothérapie]"
        " | [PROC hémodialyse] | [PROC vaccination] | [PROC anesthésie] | [PROC psychothérapie]"
        " | [PROC autopsie] | [PROC réanimation] | [PROC hospitalisation] | [PROC césarienne] | [PROC immunothérapie]"
        " | [PROC ventilation] | [PROC trachéotomie] | [PROC hystérectomie] | [PROC laparotomie] | [PROC stimulation]"
        " | [PROC mammographie] | [PROC greffe {d_anat}] | [PROC ablation {d_anat}] | [PROC coloscopie]"
        " | [PROC exploration {d_anat}] | [PROC reconstruction {d_anat}] | [PROC arthroscopie {d_anat}]"
        " | [PROC inhalation de [CHEM {chem}]] | [PROC instillation de [CHEM {chem}]]"
        " | [PROC injection de [CHEM {chem}]] | [PROC prescription de [CHEM {chem}]]"
        " | [PROC utilisation de [CHEM {chem}]]"
    ),
    livb=(
        "[LIVB patients] | [LIVB enfants] | [LIVB rats] | [LIVB nourrissons] | [LIVB personnes âgées]"
        " | [LIVB chiens] | [LIVB hommes] | [LIVB volontaires sains] | [LIVB singes] | [LIVB donneurs]"
        " | [LIVB étudiants] | [LIVB malades] | [LIVB chats] | [LIVB porcs] | [LIVB moutons] | [LIVB fumeurs]"
        " | [LIVB athlètes] | [LIVB jumeaux] | [LIVB vieillards] | [LIVB soldats] | [LIVB filles] | [LIVB garçons]"
    ),
    germe=(
        "Staphylococcus aureus | Candida albicans | Plasmodium falciparum | Listeria monocytogenes | Vibrio cholerae"
        " | Salmonella typhi | Clostridium difficile | Borrelia burgdorferi | Klebsiella pneumoniae"
    ),
    devi=(
        "prothèse | seringue | sonde | lentille | attelle | compresse | électrode | ceinture | plaque"
        " | endoprothèse | caméra | orthèse | broche | vis | bande | lampe | bague | gouttière | poche | béquille"
        " | perceuse | pince | lame | perruque | agrafe | balance | machine"
    ),
    geog=(
        "France | Espagne | Tunisie | Belgique | Afrique | Europe | Chine | Algérie | Pologne | Norvège"
        " | Argentine | Turquie | Bretagne | Amérique | Australie | Inde | Hongrie | Islande | Irlande | Colombie"
        " | Roumanie | Russie | Asie | Finlande"
    ),
    objc="emballage | étui | sachet | tube | papier | bocal | verre | panier | coffret | plateau | seau | tiroir",
    aliment=(
        "lait | pain | sucre | fromage | beurre | miel | café | thé | sel | vin | chocolat | yaourt | vinaigre | maïs"
        " | poisson | jambon | sirop | potage | boeuf | thon | melon | citron | bouillon | poulet | cidre | cacao"
    ),
    phen=(
        "lumière | chaleur | radiation | pollution | pression | fumée | poussière | tempête | sécheresse | électricité"
        " | irradiation | inondation | explosion | foudre | pluie | neige | vibration | brume | canicule | flamme"
        " | gravité | pesanteur | friction | combustion | luminosité"
    ),
    phys=(
        "grossesse | croissance | lactation | respiration | puberté | menstruation | fécondation"
        " | coagulation | vision | nutrition | cicatrisation | audition | alimentation | excrétion | absorption"
        " | circulation | mastication | gestation | locomotion | sécrétion | filtration | mémoire | déglutition"
        " | contraction | perception | maturation | reproduction"
    ),
    mesure=(
        "glycémie | natrémie | calcémie | uricémie | bilirubinémie | lipidémie | magnésémie | albuminémie"
        " | phosphatémie | protéinémie"
    ),
    diso="[DISO {maladie}] | [DISO {maladie} {grave}] | [DISO {trouble} {d_anat}] | [DISO {trouble} {de_anat}]",
)

HELD: Bank = bank(
    trouble=(
        "malformation | métastase | thrombose | obstruction | perforation | dystrophie | ischémie | rupture"
        " | fistule | hypertrophie"
    ),
    grave="sévère | progressive | persistante",
    d_anat=(
        "[ANAT rénale] | [ANAT intestinale] | [ANAT musculaire] | [ANAT osseuse] | [ANAT cutanée] | [ANAT vasculaire]"
    ),
    de_anat=(
        "du [ANAT rein] | du [ANAT pancréas] | de l' [ANAT intestin] | de la [ANAT prostate]"
        " | du [ANAT coeur] | du [ANAT pied] | de la [ANAT cheville] | du [ANAT thorax]"
    ),
    maladie=(
        "obésité | hypotension | bronchite | schizophrénie | méningite | thrombopénie | cirrhose"
        " | encéphalite | rubéole | gastrite"
    ),
    signe="vomissements | constipation | insomnie | toux | prurit",
    chem=(
        "ampicilline | codéine | héparine | amiodarone | dexaméthasone | zidovudine | phénytoïne"
        " | spironolactone | vancomycine | nystatine"
    ),
    proc=(
        "[PROC échographie {d_anat}] | [PROC endoscopie {d_anat}] | [PROC radiographie {d_anat}]"
        " | [PROC résection {d_anat}] | [PROC chimiothérapie] | [PROC transfusion] | [PROC intubation]"
        " | [PROC administration de [CHEM {chem}]] | [PROC perfusion de [CHEM {chem}]]"
    ),
    livb="[LIVB adolescents] | [LIVB souris] | [LIVB femmes] | [LIVB adultes] | [LIVB lapins]",
    germe="Escherichia coli | Aspergillus fumigatus | Streptococcus pyogenes",
    devi="pompe | valve | canule | aiguille",
    geog="Italie | Suisse | Suède | Allemagne",
    objc="flacon | carton",
    aliment="jus | riz",
    phen="humidité | vapeur | température",
    phys="digestion | ovulation | naissance | ménopause",
    mesure="cholestérolémie | kaliémie",
    diso="[DISO {maladie}] | [DISO {maladie} {grave}] | [DISO {trouble} {d_anat}] | [DISO {trouble} {de_anat}]",
)

TRAIN_TITLES: Tuple[str, ...] = (
    "[PROC Traitement] de la {diso} chez les {livb} .",
    "{proc} dans la {diso} .",
    "{diso} et {diso} : à propos de {taux} cas .",
    "Intérêt de la {proc} au cours de la {diso} .",
    "Effets de la [CHEM {chem}] sur la {diso} .",
    "Etude de la {diso} en [GEOG {geog}] .",
    "{diso} à [LIVB {germe}] chez les {livb} .",
    "{diso} pendant la [PHYS {phys}] .",
    "Troubles de la [PHYS {phys}] chez les {livb} pendant la [PHYS {phys}] .",
    "Utilisation d' une [DEVI {devi}] après {proc} .",
    "Complications de la {proc} : {diso} .",
    "Complications d' une [DEVI {devi}] chez les {livb} .",
    "Exposition des {livb} à la [PHEN {phen}] .",
    "Exposition à la [PHEN {phen}] et à la [PHEN {phen}] en [GEOG {geog}] .",
    "Contamination du [OBJC {aliment}] par [LIVB {germe}] dans un [OBJC {objc}] .",
    "Résultats de la {proc} et de la {proc} .",
    "La {diso} traitée par la [CHEM {chem}] .",
)
HELD_TITLES: Tuple[str, ...] = (
    "{diso} chez les {livb} .",
    "[PROC Traitement] de la {diso} par la [CHEM {chem}] .",
    "A propos de {taux} cas de {diso} et de {diso} .",
    "Rôle de la {proc} dans la {diso} .",
    "Action de la [CHEM {chem}] au cours de la {diso} .",
    "La {diso} en [GEOG {geog}] .",
    "{diso} à [LIVB {germe}] et {diso} .",
    "{diso} chez les {livb} pendant la [PHYS {phys}] .",
    "Complications d' une [DEVI {devi}] : {diso} .",
    "{proc} après {proc} chez les {livb} .",
    "Exposition à la [PHEN {phen}] chez les {livb} .",
)

TRAIN_LEAFLET: Tuple[str, ...] = (
    "La [CHEM {chem}] est indiquée dans le [PROC traitement] de la {diso} .",
    "Ne prenez jamais la [CHEM {chem}] si vous avez une {diso} .",
    "Les effets indésirables les plus fréquents sont : [DISO {signe}] , [DISO {signe}] et [DISO {signe}] .",
    "Chez {taux} % des {livb} , une {diso} a été observée .",
    "La [CHEM {chem}] ne doit pas être utilisée pendant la [PHYS {phys}] .",
    "La {diso} et la {diso} sont très rares .",
    "Une {proc} doit être réalisée avant la {proc} .",
    "A conserver dans son [OBJC {objc}] , à l' abri de la [PHEN {phen}] .",
    "Prenez la dose de {dose} avec du [OBJC {aliment}] toutes les {heures} heures .",
    "La solution est injectée avec une [DEVI {devi}] .",
    "Jetez le [OBJC {objc}] et la [DEVI {devi}] , puis buvez du [OBJC {aliment}] .",
    "Gardez le médicament dans son [OBJC {objc}] et évitez la [PHEN {phen}] .",
    "La [PHYS {phys}] des {livb} peut être modifiée pendant la [PHYS {phys}] .",
    "La [CHEM {chem}] est active contre [LIVB {germe}] .",
    "Des études ont été menées chez les {livb} en [GEOG {geog}] .",
    "La [CHEM,PHYS {mesure}] doit être surveillée chez les {livb} .",
    "La [CHEM {chem}] et la [CHEM {chem}] ne doivent pas être associées .",
    "En cas de [DISO [DISO#a {trouble}] {de_anat}] ou [+DISO#a {de_anat}] , arrêtez le [PROC traitement] .",
    "Demandez conseil à votre médecin avant de prendre ce médicament .",
)
HELD_LEAFLET: Tuple[str, ...] = (
    "La [CHEM {chem}] est utilisée dans la {diso} et la {diso} .",
    "Vous ne devez pas prendre la [CHEM {chem}] en cas de {diso} .",
    "Effets indésirables : [DISO {signe}] , [DISO {signe}] , [DISO {signe}] .",
    "Une {diso} a été rapportée chez les {livb} ( {taux} % ) .",
    "Ne prenez pas la [CHEM {chem}] pendant la [PHYS {phys}] .",
    "Une {proc} peut être nécessaire après la {proc} .",
    "Conserver à l' abri de la [PHEN {phen}] , dans son [OBJC {objc}] .",
    "Prenez {dose} avec du [OBJC {aliment}] ou du [OBJC {aliment}] .",
    "La dose de {dose} est injectée avec une [DEVI {devi}] .",
    "La [CHEM {chem}] agit contre [LIVB {germe}] .",
    "Une étude a été menée en [GEOG {geog}] chez les {livb} .",
    "La [CHEM,PHYS {mesure}] doit être contrôlée .",
    "La [CHEM {chem}] peut être associée à la [CHEM {chem}] .",
    "Arrêtez le [PROC traitement] en cas de [DISO [DISO#a {trouble}] {de_anat}] ou [+DISO#a {de_anat}] .",
    "Lisez attentivement ces informations .",
)
EMPTY = "Lettre à la rédaction ."  # a title without any mention


def elide(markup: str) -> str:
    """Write "de l' aspirine" for "de la aspirine", also where a mark stands between."""
    return re.sub(r"\b([LlDd])[ae] ((?:\[\S+ )*)(?=[aeéèêiouhAEÉIOUH])", r"\1' \2", markup)
