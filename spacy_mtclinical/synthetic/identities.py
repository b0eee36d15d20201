"""Invented people, places and identifiers, and the notes of i2b2 2014 that hold them.

No name here is anybody's. Both banks follow one guideline: titles ("Dr.") and units ("yo") stand outside a mention,
each part of an address is its own mention, each letter of "MWF" is a date.
"""

from typing import Tuple

from .banks import Bank, bank
from .narrative import Section

SHARED: Bank = bank(
    digit="2 | 3 | 4 | 5 | 6 | 7 | 8 | 9",
    letter="a | b | c | d | e | g | h | j | k | m | n | p | r | s | t | v | w",
    capital="A | B | C | D | E | G | H | J | K | M | N | P | R | S | T | V | W",
    month="January | February | March | April | May | June | July | August | September | October | November | December",
    day="Monday | Tuesday | Wednesday | Thursday | Friday | Saturday | Sunday",
    date="20{decade}-0{digit}-1~ | {digit}/1~/20{decade} | 0{digit}/2~/{decade}",
    longdate="{month} 1~, 20{decade} | {month} 2~ | {month} 20{decade} | {day}",
    decade="6{digit} | 7{digit} | 8{digit} | 9{digit}",
    years="3~ | 4~ | 5~ | 6~ | 7~ | 8~ | 9~",
    phone="(~~~) 555-~~~~ | ~~~-555-~~~~ | 555-~~~~",
    zip="~~~~~",
    mrn="~~~~~~~",
    ssn="~~~-~~-~~~~",
    account="~~~~~~~~~~~~",
    plan="HP-~~~~~-~~",
    license="{capital}~~~-~~~-~~~",
    plate="{capital}{capital}{capital} ~~~",
    serial="SN~~~~~~{capital}",
    print="FP/~~~~/~~~",
    idnum="{capital}{capital}~~~/~~~~ | ~~-~~~~~~",
    user="{letter}{letter}~~ | {letter}{letter}{letter}~~",
    room="~~~ | {capital}~~",
    house="{digit}~ | {digit}~~",
    ip="10.{digit}.{digit}.1~~",
    email="{letter}{letter}{letter}~@{letter}{letter}mail.example",
    url="www.{letter}{letter}{letter}clinic.example",
)
WEEK = "{He} has dialysis [DATE M][DATE W][DATE F]."

TRAIN: Bank = bank(
    first=(
        "Aldric | Brenna | Corwin | Delphia | Edrick | Fenella | Garrick | Hestia | Isolde | Jorund | Kerensa"
        " | Lysander | Mirabel | Norval | Odalys | Perrin | Quenby | Rosamund | Sorrel | Thaddea | Ulric | Verity"
        " | Wystan | Yseult"
    ),
    last="{stem}{ending}",
    stem=(
        "Ash | Brack | Cald | Dun | Elder | Farn | Grim | Hather | Ing | Kest | Lang | Marl | Nether | Ox | Quar | Tamb"
        " | Ulver | Vane | Wyn | Yar | Brim | Cop | Durn | Esk"
    ),
    ending="wick | combe | leigh | thorpe | stead | more | berry | sby | den | cliffe",
    city="{stem}ton | {stem}ville | Port {stem}more | {stem} Springs | Lake {stem} | {stem} Falls",
    state="North {region} | New {region} | South {region}",
    region="Carvon | Tessaway | Ostermont | Wyvan | Kelmark | Lorrain",
    country="{land}ia | {land}stan",
    land="Ostrav | Velmar | Kandor | Tuvan | Lethon | Zerban | Marov | Ilvan",
    street="{house} {stem}{ending} Street | {house} {stem} Avenue | {house} Old {stem} Road",
    hospital=(
        "{stem}{ending} Hospital | {stem} County Hospital | Saint {first} Hospital | {stem} Valley Medical Center"
        " | {stem}{ending} Clinic"
    ),
    org=(
        "{stem}{ending} Industries | {stem} Foods | {stem}{ending} Motors | {stem} Corporation | {stem}{ending} Bank"
        " | {stem} Mining Company"
    ),
    job=(
        "florist | carpenter | accountant | bus driver | librarian | electrician | farmer | welder | pharmacist"
        " | sailor | tailor | cook | journalist | postal worker | dentist | school teacher | police officer"
        " | waiter | engineer | painter | musician | nurse"
    ),
    field="Cardiology | Surgery | Neurology | Internal Medicine | Urology | Pediatrics | Pathology",
    place="{stem}{ending} Bridge | {stem} Park | {stem}{ending} Airport | {stem} Forest",
    pet="Biscuit | Pepper | Domino | Muffin | Shadow | Ginger",
)

HELD: Bank = bank(
    first=(
        "Amabel | Bastien | Cosima | Darragh | Eluned | Florian | Ginevra | Hadrian | Ianthe | Jocasta | Leopold"
        " | Merrick | Ninian | Ottoline | Phineas"
    ),
    last="{stem}{ending}",
    stem="Bel | Cran | Dray | Fen | Glan | Hess | Jessel | Kirl | Lor | Mont | Over | Penn | Rud | Shel",
    ending="ford | worth | by | shaw | ridge | gate | holm",
    city="{stem}ton | {stem}ville | Port {stem}gate | {stem} Springs | Lake {stem}",
    state="North {region} | New {region} | South {region}",
    region="Aldane | Merrivan | Ulmont | Ixen",
    country="{land}ia | {land}stan",
    land="Belgar | Zantor | Quillon | Pelluc",
    street="{house} {stem}{ending} Street | {house} {stem}{ending} Lane | {house} {stem} Avenue",
    hospital="{stem}{ending} Hospital | {stem}{ending} Memorial Hospital | {stem} County Medical Center",
    org="{stem}{ending} Airlines | {stem} Logistics | {stem}{ending} Steel Company",
    job="plumber | baker | bookkeeper | truck driver | architect | mechanic | fisherman | barber | gardener | lawyer",
    field="Oncology | Orthopedics | Psychiatry | Radiology",
    place="{stem}{ending} Castle | {stem} Stadium | {stem}{ending} Harbor",
    pet="Truffle | Bramble",
)

TRAIN_NOTES: Tuple[Section, ...] = (
    (
        "",
        (
            "Record date: [DATE {date#visit}]",
            "Date: [DATE {date#visit}]",
            "[HOSPITAL {hospital#home}]",
            "[STREET {street}]\n[CITY {city}], [STATE {state}] [ZIP {zip}]",
            "Patient Name: [PATIENT {last#p}, {first#p}]\nMRN: [MEDICALRECORD {mrn#p}]",
            "Name: [PATIENT {first#p} {last#p}]\nMedical record: [MEDICALRECORD {mrn#p}]",
            "Phone: [PHONE {phone}]\nFax: [FAX {phone}]",
        ),
    ),
    (
        "REGISTRATION",
        (
            "SSN: [SSN {ssn}]",
            "Account number: [ACCOUNT {account}]",
            "Health plan number: [HEALTHPLAN {plan}]",
            "Driver's license: [LICENSE {license}]",
            "License plate: [VEHICLE {plate}]",
            "Pacemaker serial number: [DEVICE {serial}]",
            "Fingerprint id: [BIOID {print}]",
            "Email: [EMAIL {email}]",
            "Web site: [URL {url}]",
            "IP address: [IPADDR {ip}]",
            "Report #: [IDNUM {idnum}]",
            "Room: [ROOM {room}]",
            "Room [ROOM {room}], telephone [PHONE {phone}], fax [FAX {phone}]",
            "Unit: [DEPARTMENT Department of {field}]",
            "Pager: [PHONE {phone}]",
            "Fax no. [FAX {phone}]",
            "Room no. [ROOM {room}]",
            "Vehicle plate: [VEHICLE {plate}], driver's license no. [LICENSE {license}]",
            "Fingerprint code: [BIOID {print}]",
            "Patient's website: [URL {url}], email address [EMAIL {email}]",
            "Computer IP: [IPADDR {ip}]",
            "Account no.: [ACCOUNT {account}], SSN [SSN {ssn}]",
            "Plan id: [HEALTHPLAN {plan}]",
            "Device serial no. [DEVICE {serial}]",
        ),
    ),
    (
        "HISTORY",
        (
            "{title} [PATIENT {last#p}] is a [AGE {years}] year old [PROFESSION {job}] with {disease}.",
            "{title} [PATIENT {last#p}], a [AGE {years}]yo [PROFESSION {job}], saw Dr. [DOCTOR {last}] [DATE {date}].",
            "{He} was admitted to [HOSPITAL {hospital}] on [DATE {longdate}] with {symptom}.",
            "{He} lives in [CITY {city}] with {his} family and works as a [PROFESSION {job}] for [ORGANIZATION {org}].",
            "{He} is originally from [COUNTRY {country}] and moved to [STATE {state}] in [DATE 19{decade}].",
            "{He} was born in [COUNTRY {country}] and grew up in [CITY {city}], [STATE {state}].",
            "{He} was treated with {drug} {strength} {often}.",
            "{He} has had {disease} since [DATE {longdate}] and takes {drug}.",
            "{He} fell near [LOCATION-OTHER {place}] in [DATE {month}].",
            "{His} father died at age [AGE {years}] of {disease}.",
            "{He} has a dog called [OTHER {pet}].",
            "The {test} on [DATE {date}] showed {p}.",
            "{He} denies {symptom} or {symptom}.",
            "{His} medications include {drug} and {drug}.",
            "{title} [PATIENT {last#p}] is a {man} of [AGE {years}], a retired [PROFESSION {job}].",
            "{He}, a [PROFESSION {job}] and a {man} in {his} [AGE {years}]s, was seen at [HOSPITAL {hospital}].",
            "{He} was transferred on [DATE {longdate}] from [HOSPITAL {hospital}].",
        ),
    ),
    (
        "PLAN",
        (
            "Continue {drug} {strength} {often}.",
            "Follow up with Dr. [DOCTOR {first} {last}] on [DATE {date}].",
            "I discussed this with Dr. [DOCTOR {last}] of the [DEPARTMENT Department of {field}].",
            "Call [PHONE {phone}] with any questions.",
            "Transfer to [HOSPITAL {hospital}] if {he} has {symptom}.",
        ),
    ),
    (
        "",
        (
            "Signed by: [DOCTOR {first} {last}], MD",
            "Signed [DATE {date}]: [DOCTOR {first} {last}], MD",
            "Copy: [DOCTOR {last}] at [HOSPITAL {hospital}]",
            "[DOCTOR {first} {last}], M.D., Ph.D.",
            "cc: Dr. [DOCTOR {last}], [HOSPITAL {hospital}]",
            "Dictated on [DATE {date}] by [USERNAME {user}]",
            "DD: [DATE {date}]  by [USERNAME {user}]  [IDNUM {idnum}]",
        ),
    ),
)

HELD_NOTES: Tuple[Section, ...] = (
    (
        "",
        (
            "Visit date: [DATE {date#visit}]",
            "Seen at [HOSPITAL {hospital#home}]\n[STREET {street}], [CITY {city}], [STATE {state}] [ZIP {zip}]",
            "Name: [PATIENT {last#p}, {first#p}]\nMedical record number: [MEDICALRECORD {mrn#p}]",
            "Phone number: [PHONE {phone}]",
        ),
    ),
    (
        "PERSONAL DATA",
        (
            "Patient's SSN: [SSN {ssn}]",
            "Account: [ACCOUNT {account}]",
            "Health plan id: [HEALTHPLAN {plan}]",
            "Email address: [EMAIL {email}]",
            "Fax number: [FAX {phone}]",
            "Report number: [IDNUM {idnum}]",
            "Room number: [ROOM {room}]",
            "Serial number of the pacemaker: [DEVICE {serial}]",
            "License: [LICENSE {license}]",
            "License plate number: [VEHICLE {plate}]",
            "Fingerprint: [BIOID {print}]",
            "Website: [URL {url}]",
            "IP: [IPADDR {ip}]",
        ),
    ),
    (
        "INTERVAL HISTORY",
        (
            "{title} [PATIENT {last#p}] is a [AGE {years}] year old {man}, a [PROFESSION {job}], with {disease}.",
            "{title} [PATIENT {last#p}], [AGE {years}]yo, was seen by Dr. [DOCTOR {last}] on [DATE {date}].",
            "{He} was transferred from [HOSPITAL {hospital}] on [DATE {longdate}] because of {symptom}.",
            "{He} works as a [PROFESSION {job}] for [ORGANIZATION {org}] and lives in [CITY {city}].",
            "{His} family is originally from [COUNTRY {country}] and moved to [STATE {state}].",
            "{He} has been on {drug} since [DATE {month}].",
            "{His} mother died of {disease} at age [AGE {years}].",
            "{test} on [DATE {date}] was normal.",
            "{He} walked near [LOCATION-OTHER {place}] with a dog called [OTHER {pet}].",
        ),
    ),
    (
        "ASSESSMENT",
        (
            "Start {drug} {strength} {often} for {disease}.",
            "See Dr. [DOCTOR {first} {last}] again on [DATE {date}].",
            "Dr. [DOCTOR {last}] of the [DEPARTMENT Department of {field}] agrees.",
            "Please call [PHONE {phone}] if {he} has {symptom}.",
        ),
    ),
    (
        "",
        (
            "Signed: [DOCTOR {first} {last}], MD",
            "Copy to Dr. [DOCTOR {last}], [HOSPITAL {hospital}]",
            "Dictated by [USERNAME {user}] on [DATE {date}].",
        ),
    ),
)
