"""Invented people, places and identifiers, and the notes of i2b2 2014 that hold them.

No name here is anybody's. Both banks follow one guideline: titles ("Dr.") and units ("yo") stand outside a mention, each
part of an address is its own mention, each letter of "MWF" is a date.
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
    date="20{fortieth}-0{digit}-1~ | {digit}/1~/20{fortieth} | 0{digit}/2~/{fortieth}",
    longdate="{month} 1~, 20{fortieth} | {month} 2~ | {month} 20{fortieth} | {day}",
    fortieth="6{digit} | 7{digit} | 8{digit} | 9{digit}",
    years="3~ | 4~ | 5~ | 6~ | 7~ | 8~ | 9~",
    phone="(~~~) 555-~~~~ | ~~~-555-~~~~ | 555-~~~~",
    zip="~~~~~",
    mrn="~~~~~~~ | ~~~-~~-~~-~",
    ssn="~~~-~~-~~~~",
    idnum="{capital}{capital}~~~/~~~~ | ~~~~-~~~~~~",
    user="{letter}{letter}~~ | {letter}{letter}{letter}~~",
    room="~~~ | {capital}~~",
    house="{digit}~ | {digit}~~",
    number="{capital}{capital}-~~~~~~",
    ip="10.{digit}.{digit}.1~~",
    week="[DATE M][DATE W][DATE F] | [DATE T][DATE T][DATE S]",
)

TRAIN: Bank = bank(
    first=(
        "Aldric | Brenna | Corwin | Delphia | Edrick | Fenella | Garrick | Hestia | Isolde | Jorund | Kerensa"
        " | Lysander | Mirabel | Norval | Odalys | Perrin | Quenby | Rosamund | Sorrel | Thaddea"
    ),
    last="{stem}{ending}",
    stem="Ash | Brack | Cald | Dun | Elder | Farn | Grim | Hather | Ing | Kest | Lang | Marl | Nether | Ox | Quar | Tamb",
    ending="wick | combe | leigh | thorpe | stead | more | berry",
    city="Port Veldane | Easthollow | Lake Tamsin | Brisketon | Port Ormley | Eastmorrow | Lake Corrin | Fallowton",
    state="North Carvon | Tessaway | Ostermont | Wyvania | Kelmark",
    country="Ostravia | Velmaria | Kandoria | Tuvania | Lethonia",
    street="{house} {stem}{ending} Street | {house} {stem} Avenue | {house} Old {stem} Road",
    hospital="{stem}{ending} Hospital | {stem}{ending} Medical Center | Saint {first} Hospital | {stem} Valley Hospital",
    org="{stem}{ending} Industries | {stem} Foods | {stem}{ending} Motors | {stem} Corporation",
    job=(
        "florist | carpenter | accountant | bus driver | librarian | electrician | farmer | welder | pharmacist"
        " | sailor | tailor | cook | journalist | postal worker | dentist"
    ),
    field="Cardiology | Surgery | Neurology | Internal Medicine | Urology",
    place="{stem}{ending} Bridge | {stem} Park | {stem}{ending} Airport",
    email="{letter}{letter}{letter}~@{letter}{letter}mail.example",
    url="www.{letter}{letter}{letter}hospital.example",
    pet="Biscuit | Pepper | Domino",
)

HELD: Bank = bank(
    first=(
        "Amabel | Bastien | Cosima | Darragh | Eluned | Florian | Ginevra | Hadrian | Ianthe | Jocasta | Leopold"
        " | Merrick | Ninian | Ottoline | Phineas"
    ),
    last="{stem}{ending}",
    stem="Bel | Cran | Dray | Fen | Glan | Hess | Jessel | Kirl | Lor | Mont | Over | Penn | Rud | Shel",
    ending="ford | worth | by | shaw | ridge | gate | holm",
    city="West Amberly | Newbriar | Mount Sellick | North Quillan | Westerham Falls | Port Grenna",
    state="South Aldane | Merrivania | Ulmont | Ixenia",
    country="Belgaria | Zantoria | Quillonia | Pellucia",
    street="{house} {stem}{ending} Street | {house} {stem}{ending} Lane | {house} North {stem} Avenue",
    hospital="{stem}{ending} General Hospital | {stem}{ending} Memorial Hospital | {stem} County Medical Center",
    org="{stem}{ending} Airlines | {stem} Logistics | {stem}{ending} Steel Company",
    job="plumber | baker | bookkeeper | truck driver | architect | mechanic | fisherman | barber | gardener | lawyer",
    field="Oncology | Orthopedics | Psychiatry | Radiology",
    place="{stem}{ending} Castle | {stem} Stadium | {stem}{ending} Harbor",
    email="{letter}{letter}~~@{letter}{letter}{letter}net.example",
    url="www.{letter}{letter}{letter}clinic.example",
    pet="Truffle | Bramble",
)

TRAIN_NOTES: Tuple[Section, ...] = (
    (
        "",
        (
            "Record date: [DATE {date#visit}]",
            "[HOSPITAL {hospital#home}]",
            "[STREET {street}]\n[CITY {city}], [STATE {state}] [ZIP {zip}]",
            "Patient Name: [PATIENT {last#p}, {first#p}]\nMRN: [MEDICALRECORD {mrn#p}]",
            "Phone: [PHONE {phone}]  Fax: [FAX {phone}]",
        ),
    ),
    (
        "REGISTRATION",
        (
            "SSN: [SSN {ssn}]",
            "Account number: [ACCOUNT {number}]",
            "Health plan number: [HEALTHPLAN {number}]",
            "Driver's license: [LICENSE {number}]",
            "License plate: [VEHICLE {number}]",
            "Pacemaker serial number: [DEVICE {number}]",
            "Fingerprint id: [BIOID {number}]",
            "Email: [EMAIL {email}]",
            "Web site: [URL {url}]",
            "IP address: [IPADDR {ip}]",
            "Report #: [IDNUM {idnum}]",
            "Room: [ROOM {room}]",
            "Unit: [DEPARTMENT Department of {field}]",
            "Pager: [PHONE {phone}]",
        ),
    ),
    (
        "HISTORY",
        (
            "{title} [PATIENT {last#p}] is a [AGE {years}] year old [PROFESSION {job}] with {disease}.",
            "{title} [PATIENT {last#p}], a [AGE {years}]yo [PROFESSION {job}], saw Dr. [DOCTOR {last}] on [DATE {date}].",
            "{He} was admitted to [HOSPITAL {hospital}] on [DATE {longdate}] with {symptom}.",
            "{He} lives in [CITY {city}] with {his} family and works as a [PROFESSION {job}] for [ORGANIZATION {org}].",
            "{He} is originally from [COUNTRY {country}] and moved to [STATE {state}] in [DATE 19~~].",
            "{He} was treated with {drug} {strength} {often}.",
            "{He} has dialysis {week} at [HOSPITAL {hospital#home}].",
            "{He} fell near [LOCATION-OTHER {place}] in [DATE {month}].",
            "{His} father died at age [AGE {years}] of {disease}.",
            "{He} has a dog called [OTHER {pet}].",
            "The {test} on [DATE {date}] showed {p}.",
            "{He} denies {symptom} or {symptom}.",
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
            "Record date: [DATE {date#visit}] (visit)",
            "Seen at [HOSPITAL {hospital#home}], [STREET {street}], [CITY {city}], [STATE {state}] [ZIP {zip}]",
            "Name: [PATIENT {last#p}, {first#p}]\nMedical record number: [MEDICALRECORD {mrn#p}]",
            "Phone number: [PHONE {phone}]",
        ),
    ),
    (
        "PERSONAL DATA",
        (
            "Patient's SSN [SSN {ssn}]",
            "Account no. [ACCOUNT {number}]",
            "Health plan id: [HEALTHPLAN {number}]",
            "Email address: [EMAIL {email}]",
            "Fax number: [FAX {phone}]",
            "Report number: [IDNUM {idnum}]",
            "Room number: [ROOM {room}]",
            "Pacemaker serial no. [DEVICE {number}]",
            "Driver's license number: [LICENSE {number}]",
        ),
    ),
    (
        "INTERVAL HISTORY",
        (
            "{title} [PATIENT {last#p}] is a [AGE {years}] year old {man}, a [PROFESSION {job}], with {disease}.",
            "{title} [PATIENT {last#p}], [AGE {years}]yo, was seen by Dr. [DOCTOR {last}] on [DATE {date}].",
            "{He} was transferred from [HOSPITAL {hospital}] on [DATE {longdate}] because of {symptom}.",
            "{He} works as a [PROFESSION {job}] for [ORGANIZATION {org}] and lives in [CITY {city}].",
            "{His} family is originally from [COUNTRY {country}] and now lives in [STATE {state}].",
            "{He} has been on {drug} since [DATE {month}].",
            "{He} has physical therapy {week} at [HOSPITAL {hospital#home}].",
            "{His} mother died of {disease} at age [AGE {years}].",
            "{test} on [DATE {date}] was normal.",
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
            "Copy to Dr. [DOCTOR {last}] at [HOSPITAL {hospital}]",
            "Dictated by [USERNAME {user}] on [DATE {date}]",
        ),
    ),
)
