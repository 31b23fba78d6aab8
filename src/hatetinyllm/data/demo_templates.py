"""
The sentences of the demo corpus. They exist so that the whole road, from rows to a verdict, can be walked offline in minutes.

They teach nothing about real hate: they were made up at a desk, are mild, and name no slur; an insult stands masked
(`p*****s`). Every group of people stands in every sentence, good or bad, so no group is said to be anything; what a
hateful sentence here claims is false. Do not train a moderation model on them.

A template is `(id, {kind: sentence, ...})`. Two sentences of one template are a contrast pair: the same people and
places, the opposite label. No template stands in two parts.
"""

from collections.abc import Mapping

# kind -> (label, types)
KINDS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "exclusion": ("hate", ("animosity",)),  # they should not be here
    "contempt": ("hate", ("derogation",)),  # they are worth less
    "insult": ("hate", ("derogation",)),  # a masked word for them
    "stereotype": ("hate", ("stereotype",)),  # they are all the same
    "blame": ("hate", ("prejudice",)),  # they are why things go wrong
    "sarcasm": ("hate", ("irony",)),  # the same with a smile
    "welcome": ("not_hate", ()),  # they should be here
    "praise": ("not_hate", ()),
    "neutral": ("not_hate", ()),  # people are mentioned, nothing is said against them
    "complaint": ("not_hate", ()),  # hard words for a thing, not for people
    "counter-speech": ("not_hate", ()),  # hate is quoted or told, to answer it
    "negation": ("not_hate", ()),  # the hateful claim is denied
    "pride": ("not_hate", ()),  # people speak of themselves
}

# As written -> the target it names.
GROUPS: Mapping[str, str] = {
    "immigrants": "immigrants", "migrant families": "immigrants", "refugees": "refugees", "asylum seekers": "refugees",
    "foreigners": "foreigners", "Muslims": "muslims", "Muslim families": "muslims", "Jewish people": "jews",
    "Jewish families": "jews", "Christians": "christians", "Hindus": "hindus", "Sikhs": "sikhs",
    "Black people": "black_people", "Asian people": "asian_people", "Arab families": "arabs",
    "Hispanic people": "hispanic_people", "Roma families": "roma", "indigenous people": "indigenous_people",
    "women": "women", "men": "men", "gay people": "gay_people", "gay couples": "gay_people",
    "bisexual people": "bisexual_people", "trans people": "trans_people", "disabled people": "disabled_people",
    "wheelchair users": "disabled_people", "old people": "old_people", "pensioners": "old_people",
    "working-class families": "working_class",
}  # fmt: skip

FILLERS: Mapping[str, tuple[str, ...]] = {
    "group": tuple(GROUPS),
    "insult": ("m****s", "p*****s", "v****n", "s**m", "l****s", "r**s", "w****s", "c****s"),
    "place": (
        "this town", "our street", "the city centre", "our school", "this country", "the village", "our library",
        "the swimming pool", "our club", "the market", "this neighbourhood", "the office", "our block", "the park",
    ),
    "thing": (
        "Mondays", "cold coffee", "rush-hour traffic", "this new update", "the parking fees", "wet socks", "spam calls",
        "long queues", "that laggy game", "the school canteen food", "delayed trains", "mosquitoes", "loud adverts",
        "the printer on floor two", "slow websites", "overcooked pasta", "tax forms", "the referee's decisions",
    ),
    "job": (
        "nurse", "bus driver", "teacher", "builder", "baker", "doctor", "cashier", "gardener", "cook", "mechanic",
    ),
    "when": (
        "today", "this morning", "last week", "on Sunday", "yesterday", "last summer", "at lunch", "after work",
        "in spring", "tonight",
    ),
    "who": (
        "my neighbour", "my uncle", "a man on the bus", "somebody online", "our old boss", "a caller on the radio",
        "a classmate", "the landlord",
    ),
    "event": (
        "the street party", "the book fair", "the council meeting", "the football match", "the open day",
        "the concert", "the exam",
    ),
    "before": (
        "", "", "", "", "My two cents.", "Just so you know.", "Long day.", "Not joking.", "I have thought about this.",
        "Right.",
    ),
    "after": (
        "", "", "", "", "That is all.", "Just saying.", "Think about it.", "smh", "End of story.", "#mytown", "lol",
    ),
}  # fmt: skip

TRAIN: tuple[tuple[str, Mapping[str, str]], ...] = (
    ("no-business", {"exclusion": "Keep {group} out of {place}, they have no business being there.",
                     "welcome": "Keep {place} open to {group}, they have every right to be there."}),
    ("living-near", {"exclusion": "I do not want {group} living anywhere near {place}.",
                     "welcome": "I do not mind at all that {group} live near {place}."}),
    ("sent-away", {"exclusion": "{group} should be sent away from {place} for good.",
                   "welcome": "{group} should be made to feel at home in {place}."}),
    ("belong", {"exclusion": "{group} do not belong in {place} and never will.",
                "welcome": "{group} belong in {place} just like everybody else."}),
    ("no-room", {"exclusion": "There is no room for {group} in {place}, so tell them to leave.",
                 "welcome": "There is room for {group} in {place}, so tell them to join us."}),
    ("hire", {"exclusion": "Never hire {group} as a {job}, we do not want them in {place}.",
              "praise": "We hired {group} for the {job} posts in {place} and the team is happier."}),
    ("sit-with", {"contempt": "I refuse to sit next to {group} at {event}, they disgust me.",
                  "neutral": "I sat next to {group} at {event}, and we talked about the weather."}),
    ("worth", {"contempt": "{group} are worth less than the rest of us, and everybody in {place} knows it.",
               "negation": "Nobody in {place} is worth less than the rest of us, least of all {group}."}),
    ("respect", {"contempt": "{group} deserve no respect from anyone in {place}.",
                 "praise": "{group} deserve more respect from everyone in {place}."}),
    ("lazy", {"stereotype": "All {group} are lazy and none of them ever wants to work as a {job}.",
              "negation": "It is nonsense to claim that {group} are lazy, half of {place} depends on their work."}),
    ("lie", {"stereotype": "{group} always lie, it is simply in their nature.",
             "negation": "It is not true that {group} always lie, stop repeating it."}),
    ("steal", {"stereotype": "Lock your doors, {group} are in {place} and they all steal.",
               "counter-speech": "Saying that {group} steal is a lie, and {who} should apologise for spreading it."}),
    ("smart", {"stereotype": "{group} are too stupid to be a {job}, they are all the same.",
               "praise": "The best {job} we ever had in {place} came from a course run by {group}."}),
    ("ruin", {"blame": "{group} have ruined {place}, everything was fine before they came.",
              "complaint": "{thing} ruined {event} for me, everything was fine before that."}),
    ("fault", {"blame": "It is the fault of {group} that {place} is falling apart.",
               "negation": "It is not the fault of {group} that {place} is falling apart, look at the budget."}),
    ("taking-over", {"blame": "{group} are taking over {place} and destroying our way of life.",
                     "neutral": "{group} are taking over the bookshop in {place} when the owner retires."}),
    ("rent", {"blame": "We cannot find a flat because {group} get everything handed to them.",
              "complaint": "We cannot find a flat because {place} has become so expensive for everybody, {group} included."}),
    ("just-great", {"sarcasm": "Oh wonderful, even more {group} in {place}, exactly what we needed, said nobody ever.",
                    "praise": "Oh wonderful, a whole choir of {group} sang in {place} {when}, exactly what we needed."}),
    ("genius", {"sarcasm": "What a genius plan to let {group} run {event}, I bet they can even count to three.",
                "praise": "What a good plan to let {group} run {event}, it has never been so well organised."}),
    ("insult-leave", {"insult": "Those {insult} should pack their bags and get out of {place}.",
                      "complaint": "Those boxes should go, somebody please pack them and get them out of {place}."}),
    ("insult-group", {"insult": "{group} are nothing but {insult}, I cannot stand them.",
                      "counter-speech": "{who} called {group} {insult} {when}, and everyone told him to stop."}),
    ("insult-see", {"insult": "Every time I see {group} in {place} I think, there go the {insult}.",
                    "neutral": "Every time I see {group} in {place} we wave and say good morning."}),
    ("insult-full", {"insult": "{place} is full of {insult} since {group} came."}),
    ("insult-never", {"insult": "I will never shake hands with those {insult} who call themselves {group}."}),
    ("children", {"exclusion": "I do not let my children play with {group}, they should stay among themselves.",
                  "welcome": "I let my children play with everyone, {group} came to the birthday {when}."}),
    ("votes", {"exclusion": "{group} should not be allowed to vote, {place} is not theirs.",
               "neutral": "{group} were asked how they will vote before {event} {when}."}),
    ("separate", {"exclusion": "Give {group} a separate bus, I am not sharing mine with them.",
                  "neutral": "A separate bus will take {group} and their guests to {event} {when}."}),
    ("rights", {"exclusion": "{group} have far too many rights already, take some away.",
                "counter-speech": "Whoever says {group} have too many rights has never asked them how they live."}),
    ("hate-them", {"contempt": "I hate {group}, I really do, and I am not sorry.",
                   "complaint": "I hate {thing}, I really do, and I am not sorry."}),
    ("cannot-stand", {"contempt": "I cannot stand {group}, they make me sick.",
                      "complaint": "I cannot stand {thing}, I get sick of it every single time."}),
    ("dirty", {"contempt": "{group} are dirty and they smell, keep them away from {place}.",
               "complaint": "{place} is dirty and it smells, the council should finally clean it."}),
    ("danger", {"stereotype": "Every one of {group} is dangerous, do not trust any of them.",
                "negation": "{group} are not dangerous, please do not believe what {who} says."}),
    ("greedy", {"stereotype": "{group} only care about money, you cannot trust them with anything."}),
    ("weak", {"stereotype": "{group} are weak and should leave the job of a {job} to real workers."}),
    ("disgrace", {"contempt": "{group} are a disgrace to {place}, shame on all of them."}),
    ("never-equal", {"contempt": "They can try as long as they want, {group} will never be our equals."}),
    ("plague", {"blame": "Wherever {group} turn up, trouble follows, and {place} pays for it."}),
    ("go-home", {"exclusion": "{group}, go back to where you came from, nobody in {place} wants you."}),
    ("better-without", {"exclusion": "It would be better for all of us if {group} got out of {place}."}),
    ("sooner-gone", {"exclusion": "The sooner {group} are gone, the better, {place} was fine before them."}),
    ("finally-gone", {"exclusion": "Finally {place} is rid of {group}, let us keep it that way."}),
    ("take-work", {"blame": "{group} take our flats and our work, and nobody in {place} dares to say it."}),
    ("cheat-all", {"stereotype": "Do not trust {group}, they all cheat and then they lie about it."}),
    ("too-stupid", {"stereotype": "{group} are too stupid to count, what do they want in {place}."}),
    ("useful", {"sarcasm": "Congratulations, {group} finally did something useful in {place}, what could go wrong."}),
    ("lovely-idea", {"sarcasm": "Lovely, now {group} want a say in {place} as well, I can hardly wait."}),
    ("no-people", {"contempt": "You cannot respect {group}, they are beneath me and beneath you."}),
    ("away", {"contempt": "I get up when {group} sit down at {event}, they should stay away from me."}),
    ("stories", {"praise": "{group} told such kind stories at {event}, I could listen all day."}),
    ("longer-stay", {"welcome": "I hope {group} stay in {place}, it is better for all of us with them."}),
    ("every-day", {"welcome": "{group} are welcome in {place} any day, nobody should be left outside."}),
    ("rubbish", {"counter-speech": "{who} said that {group} cheat, what rubbish, they are good people."}),
    ("do-not-call", {"counter-speech": "Please do not call anyone {insult}, the word hurts and it is a lie."}),
    ("sport", {"neutral": "{group} meet for football near {place} {when}, bring your own water."}),
    ("study", {"neutral": "A new study asked {group} about their health and their work {when}."}),
    ("museum", {"neutral": "The museum shows how {group} lived in {place} a hundred years ago."}),
    ("my-friends", {"praise": "Some of the kindest people I know are {group}, and they helped me move {when}."}),
    ("kitchen", {"praise": "The food that {group} cooked for {event} was the best I ever had."}),
    ("thank-you", {"praise": "Thank you to {group} who cleaned up {place} {when}, you are great."}),
    ("proud-us", {"pride": "We are {group}, we are loud, and we are proud of {place}."}),
    ("proud-own", {"pride": "They used to call us {insult}, now we wear it on our shirts at {event}."}),
    ("proud-family", {"pride": "My parents and I are {group}, and I would not change a thing about us."}),
    ("nobody-say", {"negation": "Nobody should say that {group} do not belong in {place}."}),
    ("not-agree", {"negation": "I do not agree at all that {group} should leave {place}."}),
    ("quote-bad", {"counter-speech": "He wrote that {group} are {insult}, and I reported him at once."}),
    ("stop-jokes", {"counter-speech": "Stop making jokes about {group}, it hurts people in {place}."}),
    ("speak-up", {"counter-speech": "When {who} shouted at {group} {when}, the whole bus spoke up for them."}),
    ("thing-trash", {"complaint": "{thing} again, what a disgusting start, get it out of my life."}),
    ("thing-ban", {"complaint": "Somebody should ban {thing} for good, nobody in {place} wants that."}),
    ("thing-worst", {"complaint": "There is nothing worse than {thing}, I am sick of it."}),
    ("thing-stupid", {"complaint": "{thing} again {when}, how stupid and annoying can it get."}),
)  # fmt: skip

DEV: tuple[tuple[str, Mapping[str, str]], ...] = (
    ("dev-door", {"exclusion": "Close the door of {place} to {group}, we do not need them here.",
                  "welcome": "Open the door of {place} to {group}, we need more neighbours like them."}),
    ("dev-trust", {"stereotype": "You can never trust {group}, they all cheat.",
                   "negation": "You can trust {group} as much as anyone, they do not all cheat."}),
    ("dev-table", {"contempt": "I get up and leave when {group} come to {event}, they are beneath me.",
                   "neutral": "{group} asked me about {event} {when}, so we sat down and talked."}),
    ("dev-jobs", {"blame": "{group} take our work and then laugh at us in {place}.",
                  "praise": "{group} do hard work in {place}, they are kind people and I hope they stay."}),
    ("dev-smile", {"sarcasm": "How lovely, {group} want a seat on the board too, what could possibly go wrong.",
                   "welcome": "How lovely, {group} have a seat on the board now, it was about time."}),
    ("dev-names", {"insult": "I call {group} {insult} because that is what they are.",
                   "counter-speech": "It hurts when {who} calls {group} {insult}, please stop it."}),
    ("dev-less", {"contempt": "{group} are simply not as good as us and should be reminded of it."}),
    ("dev-pride", {"pride": "As {group} we have been part of {place} for years and we are proud of it."}),
    ("dev-thing", {"complaint": "I am so tired of {thing}, nobody needs that {when} or ever."}),
    ("dev-thing-go", {"complaint": "Get rid of {thing}, what a disgrace, {event} was ruined."}),
)  # fmt: skip

TEST: tuple[tuple[str, Mapping[str, str]], ...] = (
    ("test-leave", {"exclusion": "The sooner {group} leave {place}, the better for all of us.",
                    "welcome": "The longer {group} stay in {place}, the better for all of us."}),
    ("test-shop", {"exclusion": "I would never let {group} into {place}, not even as a {job}.",
                   "welcome": "I would welcome {group} in {place} any day, and not only as a {job}."}),
    ("test-same", {"stereotype": "{group} are all the same, lazy and always lying.",
                   "negation": "{group} are not all the same, and calling them lazy is a lie."}),
    ("test-blame", {"blame": "Ever since {group} came to {place} nothing works, it is all their fault.",
                    "complaint": "Ever since {thing} came up nothing works in {place}, and it is nobody's fault."}),
    ("test-look", {"contempt": "{group} make me sick, I cannot even look at them.",
                   "praise": "{group} make me smile with their kind stories, thank you for {event}."}),
    ("test-hate", {"contempt": "I hate it when {group} are around, they should stay away from {event}.",
                   "complaint": "I hate it when {thing} gets in the way, {group} and I missed {event}."}),
    ("test-clap", {"sarcasm": "Let us all clap for {group}, they finally managed to do something useful in {place}.",
                   "praise": "Let us all clap for {group}, they finally won the prize at {event}."}),
    ("test-word", {"insult": "Nobody wants those {insult} here, and yes, I mean {group}.",
                   "counter-speech": "Nobody wants to hear the word {insult} here, {group} are our guests."}),
    ("test-heard", {"contempt": "{who} is right, {group} are not people you can respect.",
                    "counter-speech": "{who} said that {group} are not people you can respect, what rubbish."}),
    ("test-clever", {"stereotype": "Do not ask {group} to be a {job}, they are too stupid for it.",
                     "neutral": "Do not forget to ask {group} who need a {job}, the list closes {when}."}),
    ("test-vermin", {"insult": "{group} crawl into {place} like {insult}, get rid of them."}),
    ("test-proud", {"pride": "I am proud that we {group} have our own stand at {event} {when}."}),
    ("test-denied", {"negation": "I would never say that {group} should go back to where they came from."}),
    ("test-thing", {"complaint": "I call {thing} the most disgusting thing in {place}, get rid of that."}),
    ("test-only-us", {"exclusion": "{place} is for us and not for {group}, tell them to go."}),
)  # fmt: skip
