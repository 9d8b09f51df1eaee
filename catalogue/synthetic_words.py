"""What synthetic opportunities are made of: subjects by skill, kinds with their habits, sentences, invented names."""

from typing import NamedTuple

from catalogue.words import Kind, Layer


class Habits(NamedTuple):
    """What is usual for a kind. Every tuple of numbers weighs what stands at the same place elsewhere.

    `themes` weighs `THEMES`, `layers` the four layers in their order. `dated` is
    the share that has sittings, `closing` that of the rest which has a closing
    date; what has neither is open-ended. `times` are numbers of sittings,
    `every_days` what lies between them, `hours` how long each is.
    """

    share: float
    themes: tuple[int, ...]
    layers: tuple[int, int, int, int]
    titles: tuple[str, ...]
    dated: float = 0
    closing: float = 0
    times: tuple[int, ...] = (1,)
    every_days: int = 7
    hours: tuple[float, ...] = (2,)


# Skills by theme, the most frequent first, each with what it may be about.
THEMES: dict[str, dict[str, tuple[str, ...]]] = {
    "essential": {
        "teamwork": ("working as a crew", "team challenges", "building a raft together", "quiz teams"),
        "speaking": ("public speaking", "debating", "reading aloud", "telling a joke well"),
        "listening": ("active listening", "oral history", "interviewing neighbours", "taking good notes"),
        "problem-solving": ("puzzles and logic", "escape rooms", "mending things that stopped", "chess"),
        "planning": ("planning a week", "running a project", "time keeping", "goal setting"),
        "creativity": ("collage", "poetry", "improvisation", "printmaking", "pottery"),
        "leadership": ("leading a group", "chairing meetings", "young leaders", "mentoring"),
        "adapting": ("coping with change", "resilience", "starting again", "returning to work"),
        "using-it": ("spreadsheets", "email and the web", "tablets and phones", "online forms", "touch typing"),
        "everyday-maths": ("household budgets", "fractions", "maths for nurses", "percentages", "bus timetables"),
        "english-speaking": ("conversation in English", "English for work", "spelling", "grammar over tea"),
        "interview-skills": ("writing a CV", "mock interviews", "job applications", "covering letters"),
    },
    "care": {
        "first-aid": (
            "first aid",
            "resuscitation",
            "paediatric first aid",
            "mental health first aid",
            "burns and cuts",
        ),
        "personal-care": ("care at home", "dementia care", "moving and handling", "adult social care", "nursing"),
        "childcare": ("early years", "playwork", "babysitting", "nursery practice", "after-school clubs"),
        "listening-support": ("counselling", "bereavement support", "befriending", "a telephone helpline"),
        "sign-language": ("British Sign Language", "fingerspelling", "Makaton", "lip reading"),
    },
    "trade": {
        "customer-service": ("working on a front desk", "retail", "call handling", "hotel reception", "complaints"),
        "cooking": ("bread baking", "curry nights", "cooking on a budget", "pastry", "school dinners", "vegan cooking"),
        "food-safety": ("food hygiene", "allergens", "kitchen safety", "running a cafe"),
        "selling": ("selling on a market", "sales", "telesales", "estate agency", "fashion retail"),
        "driving-and-transport": ("forklift trucks", "lorry driving", "van deliveries", "bus driving", "warehousing"),
        "book-keeping": ("payroll", "accounts", "tax returns", "book-keeping", "invoicing"),
        "business-planning": ("starting a business", "cash flow", "social enterprise", "franchises"),
        "pitching": ("pitching to investors", "elevator speeches", "crowdfunding", "grant bids"),
    },
    "building": {
        "health-and-safety": ("working at height", "fire safety", "manual handling", "risk assessment", "asbestos"),
        "carpentry": ("joinery", "shelves that hold", "furniture making", "roof timbers", "wood turning"),
        "electrics": ("domestic wiring", "solar panels", "inspection and testing", "fault finding", "heat pumps"),
        "plumbing": ("leaking taps", "boilers", "bathroom fitting", "underfloor heating", "drains"),
        "bricklaying": ("garden walls", "pointing", "paving", "stonemasonry", "plastering"),
        "site-work": ("groundworks", "scaffolding", "dumpers and diggers", "demolition", "road repair"),
        "welding": ("welding", "sheet metal", "blacksmithing", "pipe fabrication", "gates and railings"),
        "hand-tools": ("tool sharpening", "upholstery", "repairing toasters", "whittling", "a men's shed"),
        "machining": ("lathes and mills", "computer-controlled machining", "gear cutting", "metrology"),
        "technical-drawing": ("drawing for builders", "computer-aided design", "reading plans", "surveying"),
    },
    "digital": {
        "coding": ("Python", "JavaScript", "robots", "coding for girls", "databases", "machine learning"),
        "social-media": ("short videos", "podcast promotion", "community pages", "influencers and scams"),
        "web-design": ("building a website", "accessible pages", "shop fronts online", "user research"),
        "digital-marketing": ("search engines", "email newsletters", "adverts online", "brand building"),
        "data-handling": ("charts and maps", "data cleaning", "statistics", "survey data"),
        "game-design": ("board games", "level design", "pixel art", "game jams"),
        "content-writing": ("blogging", "copywriting", "reporting local news", "zines"),
        "research": ("family history", "laboratory skills", "archives", "citizen science", "astronomy"),
    },
    "creative": {
        "photography": ("street photography", "darkroom printing", "portraits", "phone photography", "wildlife photos"),
        "music-making": ("community choir", "ukulele", "steel pans", "songwriting", "brass band", "samba drumming"),
        "theatre-craft": ("stage lighting", "youth theatre", "puppetry", "costume making", "pantomime"),
        "video-editing": ("film editing", "documentary film", "drone footage", "subtitles"),
        "graphic-design": ("poster design", "lettering", "screen printing", "logo design"),
        "storytelling": ("storytelling", "creative writing", "comics", "memoir", "radio drama"),
        "animation": ("stop motion", "claymation", "flip books", "character design"),
        "sound-recording": ("podcasting", "field recording", "studio sound", "radio"),
    },
    "outdoors": {
        "gardening": ("allotments", "vegetable growing", "pruning fruit trees", "beekeeping", "flower borders"),
        "conservation": ("hedge laying", "river clean-ups", "bat surveys", "tree planting", "dry stone walls"),
        "coaching": ("football coaching", "swimming", "walking football", "boxing", "yoga", "netball", "badminton"),
        "event-organising": ("street parties", "stewarding festivals", "fun runs", "village fetes"),
        "fundraising": ("charity shops", "sponsored walks", "raffles", "cake sales"),
        "boats-and-water": ("sailing", "canoeing", "boat repair", "open water safety", "rowing"),
        "bike-repair": ("bike repair", "puncture clinics", "wheel building", "cycle leading"),
    },
}

# Weights in the order of THEMES: essential, care, trade, building, digital, creative, outdoors.
KINDS: dict[Kind, Habits] = {
    Kind.COURSE: Habits(
        0.24,
        (5, 3, 3, 3, 4, 3, 2),
        (5, 50, 38, 7),
        ("{Topic} for {level}", "{Topic}: a course in {town}", "{adjective} {topic}", "A certificate in {topic}"),
        dated=0.9,
        times=(3, 4, 5, 6, 6, 8, 10),
        hours=(1.5, 2, 2, 2.5, 3),
    ),
    Kind.EVENT: Habits(
        0.15,
        (2, 1, 2, 1, 2, 5, 5),
        (80, 16, 2, 2),
        ("Open day: {topic}", "Try {topic} in {town}", "{Topic}, an evening with {name}", "{adjective} {topic} day"),
        dated=1,
        times=(1, 1, 1, 1, 2),
        every_days=1,
        hours=(1, 1.5, 2, 3, 6),
    ),
    Kind.JOB: Habits(
        0.14,
        (1, 6, 6, 4, 3, 1, 1),
        (0, 5, 55, 40),
        ("Assistant, {topic}", "{town} team member: {topic}", "Trainee in {topic}", "Senior post: {topic}"),
        closing=0.8,
    ),
    Kind.VOLUNTEERING: Habits(
        0.14,
        (2, 4, 2, 1, 1, 2, 7),
        (15, 60, 20, 5),
        ("Help with {topic}", "Volunteer: {topic} in {town}", "Lend a hand at {topic}", "{name} needs you: {topic}"),
        dated=0.35,
        closing=0.1,
        times=(2, 4, 6, 8),
        hours=(2, 3, 4),
    ),
    Kind.WORKSHOP: Habits(
        0.12,
        (3, 1, 2, 2, 3, 6, 3),
        (40, 50, 9, 1),
        ("{Topic} in an afternoon", "{adjective} {topic} workshop", "Make and mend: {topic}", "{Topic} with {name}"),
        dated=0.97,
        times=(1, 1, 2, 3),
        hours=(2, 3, 4),
    ),
    Kind.APPRENTICESHIP: Habits(
        0.08,
        (0, 5, 4, 7, 3, 1, 1),
        (0, 10, 80, 10),
        ("Apprentice: {topic}", "Apprenticeship in {topic}, {town}", "{name} apprentice, {topic}"),
        closing=0.85,
    ),
    Kind.WORK_EXPERIENCE: Habits(
        0.05,
        (1, 3, 4, 4, 3, 2, 1),
        (20, 70, 10, 0),
        ("A week in {topic}", "Work experience: {topic}", "Behind the scenes of {topic} at {name}"),
        dated=0.5,
        closing=0.8,
        times=(5,),
        every_days=1,
        hours=(6, 7),
    ),
    Kind.PROJECT: Habits(
        0.03,
        (3, 1, 1, 2, 3, 4, 4),
        (5, 45, 40, 10),
        ("The {name} project: {topic}", "{adjective} {topic} together", "Build it in {town}: {topic}"),
        dated=0.5,
        closing=0.4,
        times=(4, 6, 8),
        hours=(2, 3),
    ),
    Kind.ONLINE: Habits(
        0.03,
        (5, 2, 2, 0, 6, 3, 0),
        (20, 60, 20, 0),
        ("{Topic} from home", "{Topic}: ten short lessons", "Learn {topic} at your own pace"),
        dated=0.15,
        closing=0.1,
        times=(1, 2, 4),
        hours=(1, 1.5),
    ),
    Kind.INFORMATION: Habits(
        0.02,
        (4, 3, 2, 2, 1, 1, 1),
        (90, 9, 1, 0),
        ("Where {topic} can lead", "Advice on {topic}", "Ask about {topic} in {town}"),
    ),
}
LAYERS = tuple(Layer)

ADJECTIVES = (
    "Hands-on", "Gentle", "Everyday", "Practical", "Weekend", "Twilight", "First-step", "Advanced", "Improving",
    "Family", "Saturday", "Budget", "Pop-up", "Travelling", "Intensive", "Friendly", "Women's", "Over-60s",
    "Lunchtime", "Riverside", "Winter", "Summer", "Bilingual", "Sensory-friendly", "Outdoor", "Beginners'",
)  # fmt: skip
LEVELS = ("beginners", "improvers", "young people", "parents", "everyone", "people out of work", "returners", "teams")
OPENERS = (
    "Learn {topic} with people who do it every day.",
    "Never tried {topic}? Start here, at your own speed.",
    "Get better at {topic} in a small group.",
    "Give {topic} a go: tools, tea and company are laid on.",
    "Bring what you know about {topic} and leave with more.",
    "A warm welcome to {topic}, step by step.",
    "Find out what {topic} is really like.",
    "Put {topic} to use for {town} and the villages around.",
    "We show you {topic} from the very start.",
    "Real practice in {topic}, with feedback each time.",
    "Meet others near {town} who care about {topic}.",
    "Earn while you learn {topic} beside a skilled colleague.",
)
CLOSERS = (
    "Led by {name}.",
    "No experience needed.",
    "{name} will be your guide.",
    "All kit is lent to you, and {name} shows how it works.",
    "Step-free, with a quiet room.",
    "Ask for {name} at the door.",
    "Travel costs can be paid back.",
    "Places are few, so tell {name} soon.",
    "Part of the {name} fund.",
    "Come alone or with a friend.",
    "Interpreters can be booked.",
    "In memory of {name}, who began it.",
    "Certificates are given at the end.",
    "Under-fives are looked after next door.",
)
DETAILS = (
    "This is a synthetic record: nobody offers it. It stands here so that the site can be measured with very many.",
    "You begin with something small and finish it the same day. Then you choose what to take on next, and somebody who "
    "has done it for years stays near while you try.",
    "The group is never larger than twelve. Everything you need is in the room, and what you make is yours to keep or "
    "to give away as you like.",
    "Half the time is practice and half is talk. You hear how others found their way in, what it costs, what it pays "
    "and what they would do differently.",
    "If you miss a session, notes and pictures come by email. Nobody is asked to read aloud, and there is no test that "
    "you cannot take again.",
    "It leads on to more if you want it to. Most of those who came last year went on to a longer course, a placement "
    "or paid work within a few months.",
)
ACCESS = (
    "Step-free from the street, with an accessible toilet beside the main room and a hearing loop at the desk.",
    "Ground floor, wide doors, parking for badge holders. Tell us if bright light or noise is hard for you.",
    "Two steps at the door; a ramp is put out when you ask. Large print on paper is there for everyone.",
    "A lift to every floor. Guide dogs are welcome and there is a quiet corner to go to.",
)
APPLY = (
    "Book a place on the website.", "Turn up ten minutes early.", "Send the short form; an answer comes in a week.",
    "Ring the office between ten and four.", "Write two paragraphs on why you would like to.",
)  # fmt: skip
TIME_NEEDED = ("One hour", "Half a day", "One day", "Two evenings", "Six weeks", "One term", "One year", "Two years")
COURSE_LEVELS = ("Beginner", "Entry level", "Level 1", "Level 2", "Level 2", "Level 3", "Level 4")
REGIONS = (
    "Scotland", "Wales", "Northern Ireland", "North East", "North West", "Yorkshire and the Humber", "East Midlands",
    "West Midlands", "East of England", "London", "South East", "South West",
)  # fmt: skip

COLOURS = ("Amber", "Copper", "Crimson", "Ivory", "Jade", "Maroon", "Ochre", "Scarlet", "Silver", "Teal", "Umber")
CREATURES = (
    "Badger", "Curlew", "Dolphin", "Falcon", "Gannet", "Heron", "Jackdaw", "Kestrel", "Lapwing", "Marten", "Newt",
    "Otter", "Plover", "Raven", "Stoat", "Tern", "Vole", "Wren",
)  # fmt: skip
BODIES = ("Academy", "College", "Trust", "Works", "Council", "Club", "Guild", "Training", "Society", "Partners", "Care")
PLACES = ("Hall", "Centre", "Library", "Rooms", "Workshop", "School", "Club", "Park", "Depot", "House", "Chapel", "Hub")

_STARTS = (
    "Al", "Bar", "Bren", "Cal", "Col", "Dar", "Del", "Dun", "El", "Fen", "Fal", "Gar", "Glen", "Gor", "Hal", "Har",
    "Hes", "Il", "Jas", "Kel", "Ken", "Lan", "Lor", "Lyn", "Mar", "Mel", "Mor", "Nor", "Oak", "Or", "Pen", "Pol",
    "Quar", "Ram", "Ren", "Ros", "Sal", "Sel", "Sten", "Tam", "Tar", "Tol", "Tre", "Ul", "Ven", "Wal", "Wen", "Wil",
    "Yar", "Zel",
)  # fmt: skip
_MIDDLES = (
    "", "a", "an", "ar", "be", "den", "e", "er", "i", "in", "ing", "la", "le", "lo", "mi", "o", "on", "or", "ra", "u",
)  # fmt: skip
_ENDS = (
    "bank", "beck", "bourne", "bridge", "brook", "bury", "by", "cliff", "combe", "cott", "croft", "dale", "den", "don",
    "fell", "field", "ford", "gate", "ham", "holm", "hurst", "ington", "land", "leigh", "ley", "low", "man", "mere",
    "mond", "moor", "more", "nell", "ness", "pool", "ridge", "rigg", "sett", "shaw", "side", "stead", "stone",
    "thorne", "thwaite", "ton", "vale", "wald", "ward", "well", "wick", "wood", "worth", "yard",
)  # fmt: skip
NAMES = len(_STARTS) * len(_MIDDLES) * len(_ENDS)


def name(number: int) -> str:
    """One of `NAMES` invented names, such as are found once in a catalogue or a few times."""
    rest, start = divmod(number, len(_STARTS))
    middle, end = divmod(rest, len(_ENDS))
    return _STARTS[start] + _MIDDLES[middle] + _ENDS[end]


def provider_name(number: int) -> str:
    """The name of a provider that plainly does not exist."""
    rest, creature = divmod(number, len(CREATURES))
    body = BODIES[rest % len(BODIES)]
    colour = COLOURS[(rest // len(BODIES)) % len(COLOURS)]
    return f"Synthetic {colour} {CREATURES[creature]} {body} {number + 1}"


def venue_name(number: int, town: str, invented: str) -> str:
    return f"Synthetic {invented} {PLACES[number % len(PLACES)]}" + (f", {town}" if town else "")
