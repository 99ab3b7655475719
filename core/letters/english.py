"""More of what is said in English, by people who write it as their first or their third language. Written as in
`core.letters.phrasebook`.
"""

from typing import Final

from core.letters.model import ACCEPTED, CANCELLED, DECLINED, EN_ROUTE, LEFT, ON_SITE
from core.letters.phrasebook import NOW, PAST, WEAK, Stage, phrases

_SITE: Final = (
    "(site|premises|objects?|building|location|facility|address|customer|client|property|flat|apartment|house|plant|"
    "factory|school|hospital|clinic|pharmacy|hotel|restaurant|cafe|branch|mall|substation|supermarket|store|shop|office|"
    "warehouse)"
)
_THE_SITE: Final = "(site|premises|objects?|building|facility)"
_ROOM: Final = (
    "(roof|basement|attic|server ?room|machine room|engine room|boiler ?room|plant room|lift shaft|shaft|switchboard|"
    "server rack|\\w+ floor|reception)"
)
_TO: Final = f"(over |out |down |up )?(to|towards|toward) (site|you|(the|your|this) {_SITE})"
_REQUEST: Final = "(request|req|job|order|ticket|task|call|#|№|\\d)"
_NUMBERED: Final = r"(the |your |this )?(request|order|job|ticket|application)( [#№]?\d+([/-]\d+)?)?"
_ARE: Final = (
    "(is|are|am|we're|they're|he's|she's|i'm)"
    "((?: now| already| currently| still| both| all| just| here| right now| back)+)?"
)
_GAP: Final = r"( (?!not |never |will |should |would |must |can |may |to |be |has |have |next |last )[\w#№/-]+)?" * 5
_BASE: Final = "(office|base|depot|yard|warehouse|workshop|garage)"
_NOT_NOW: Final = r"(?!([^.;!?]+)? (today|tomorrow|until|before|without|till|yet|now|earlier|this|next|on|if)(?!\w))"
_DOING: Final = (
    "(repairing|fixing|replacing|installing|fitting|mounting|dismantling|welding|soldering|painting|drilling|draining|"
    "unblocking|sealing|plastering|rewiring|unloading|cleaning|washing|servicing|flushing|cutting|swapping|restoring|"
    "measuring|stripping|isolating|pumping|removing|connecting|commissioning|wiring|tracing|testing|digging|clearing|"
    "rodding|jetting|mopping|hoovering|rebooting|reconnecting|recharging|regassing|topping up|refilling|"
    "changing (?!(the |your |our )?(date|time|plan|order|schedule|appointment|engineer|crew|team|booking)))"
)

ENGLISH: Final = (
    Stage(
        ACCEPTED,
        PAST,
        phrases(
            """
            (taken|took|accepted|put|included) (in|to|for|into|on) (the |our )?(work(
            plan)?|execution|realisation|realization|processing|program|programme), taken in charge, received and
            arranged, (we|i|we've|have|has|been|already) (already |now |have )?arranged (an |the |our |a
            )?(engineer|technician|worker|colleague|master), (is|was|been) (booked in|slotted in|allocated
            to|assigned to)(?! (another|other|you|your)), (put|added|entered) (in|into|to|on) (the |our
            )(schedule|diary|calendar|rota)(?! to)
            """
        ),
        needs_request=True,
        negated=DECLINED,
    ),
    Stage(
        ACCEPTED,
        NOW,
        phrases(
            rf"""
            (we|i) (take|are taking) (it |{_NUMBERED} )?in charge, (we|i)('ll| will) do {_NUMBERED}(?=\s?[.;!]|\s?$),
            taking in charge (of )?{_NUMBERED}, confirms acceptance of(?= {_NUMBERED}|$),
            confirming (our |the |your |receipt and )?acceptance of(?= {_NUMBERED}|$),
            acceptance of {_NUMBERED} (is )?(hereby )?confirmed, (we|i)('ll| will) (definitely |gladly |happily )?(be
            )?(tak(e|ing) on|tak(e|ing) care of|attend(ing)? to|handl(e|ing)|look(ing)? after) {_NUMBERED}(?!
            (if|when|once|as
            soon|after|until)), (we|i)('ll| will) (do|take|handle|cover) (it|this one|that one)(?=\s?[.;!]|\s?$),
            (we|i)('ll| will) (gladly |happily |certainly |surely
            )?(make|realise|realize|execute|perform|do|fulfil|fulfill|carry
            out) {_NUMBERED}(?=\s?[.;!]|\s?$), (please )?consider (it|this|that|{_NUMBERED}) (as )?(accepted|booked in),
            (we|i) (take|took|have taken|are taking) {_NUMBERED} (for|in|to|into)
            (realization|realisation|execution|work|processing),
            (please )?(take|consider|treat) this (e-?mail |message )?as (our |an |the )?(formal |official
            )?acceptance(?=\s?[.;!]|\s?$)
            """
        ),
    ),
    Stage(
        DECLINED,
        NOW,
        phrases(
            rf"""
            regret (that )?(we|i) (cannot|can't|are unable to|are not able to|will not be able to)
            (attend|do|take|accept|execute)( to|
            on)? {_NUMBERED}{_NOT_NOW},
            (must|have to|going to|we'll|i'll|will)( have to)? pass(?= sorry| i'm afraid|\s?[.;!]|\s?$),
            (resign|withdraw) from (the )?(realisation|realization|execution|performance|{_NUMBERED}), renounce (to
            |on )?{_NUMBERED}, (no|not|not the|no any) (possibility|possibilities|ability) to
            (realise|realize|execute|do|take|accept|perform|make|fulfil|fulfill|serve) {_NUMBERED}{_NOT_NOW},
            (cannot|can't|can not|not able to) (give|provide|make) (a |the |any )?service (for|to|on)
            {_NUMBERED}{_NOT_NOW}, (does not|doesn't) (take|accept|do|perform|execute) {_NUMBERED}{_NOT_NOW}
            """
        ),
    ),
    Stage(
        DECLINED,
        NOW,
        phrases(
            r"""
            (we|i) (don't|do not) (make|do|realise|realize|repair|fix|execute)(?=\s?[.\x2c;!]|\s?$),
            (must|have to|need to|we'll|i'll) (give|hand|send|pass) (it |this |that )?back(?=\s?[.\x2c;!]|\s?$),
            (cannot|can't|can not|could not|couldn't) be (done|carried out|attended|executed) (from our side|by us|on
            our
            side|from our end)
            """
        ),
        needs_request=True,
    ),
    Stage(DECLINED, NOW, phrases("not possible for us(?= unfortunately|\\s?[.;!]|\\s?$)"), needs_request=True),
    Stage(
        DECLINED,
        NOW,
        phrases(
            rf"""
            (cannot|can't|can not|unable to|not able to|won't be able to|will not be able to)
            (execute|undertake|fulfil|fulfill|take on|accept) (the |your |this
            )?(request|application|order|job|ticket){_NOT_NOW}, refuse from (the |your |this
            )?(request|application|order|job), no can do, a no from us, (we|i) refuse to
            (do|take|execute|perform|accept)(?= (the |your |this )?{_REQUEST}|$), (must|have to|going
            to|we'll|i'll|will) (have to )?turn down(?= (the |your |this )?{_REQUEST}|$| i'm| sorry|\s?[.;!-]),
            (must|have to|going to|we'll|i'll|will) (have to )?pass on(?= (the |your |this
            )?{_REQUEST}|$)(?!([^.;!?]+)? to )
            """
        ),
    ),
    Stage(
        CANCELLED,
        PAST,
        phrases(
            """
            visit (is |was |has been )?scrapped, withdrew (the |their |his |her |this )?request
            """
        ),
    ),
    Stage(
        EN_ROUTE,
        PAST,
        phrases(
            rf"""
            (headed|departed|proceeded) {_TO}, departed (from )?(the |our |their )?{_BASE}, departed from (?!(the
            |your |our )?(object|site|premises|building|place|facility|address|client|customer)(?!\w))\w+,
            (gone|went|driven|left|drove|drived) out {_TO}, (has|have|already) gone (over |out )?to (you|your
            {_SITE}), left (at )?\d[\d:.-]+ for (the |your )?({_REQUEST}|you|{_SITE}), left (the |our )?{_BASE} for,
            boarded (the|a|an|his|their) ([\w:.-]+ )?([\w:.-]+ )?(train|plane|flight|bus|ferry)
            """
        ),
    ),
    Stage(
        EN_ROUTE,
        WEAK,
        phrases(
            r"""
            omw, in the (way|road)( to (you|the site|your site|the object)| now| already)
            """
        ),
    ),
    Stage(
        EN_ROUTE,
        NOW,
        phrases(
            rf"""
            {_ARE} (travelling|traveling|heading|moving|rolling|proceeding|driving|hurrying|rushing) {_TO}, {_ARE}
            (coming|comming) {_TO} (now|right now|already|at the moment|currently), (already|now)
            (go|goes|drive|drives|travel|travels) to (you|your {_SITE}|site), (go|drive|ride) (now |already )?to
            (you|your {_SITE}), {_ARE} in (travel|journey|trip|voyage) (to|towards) (you|your), {_ARE} on the
            (train|plane|bus|ferry) to (you|your (city|town|{_SITE})), {_ARE} arriving(?=\s?[.\x2c;!]|\s?$| now| to
            you| at your), {_ARE} going {_TO}, {_ARE} driving(?= now| already|\x2c|[.;!]|$), {_ARE} heading (your
            way|in your direction), {_ARE} on the (move|highway|motorway), {_ARE} heading over, {_ARE} in the
            (way|road) to (you|your {_SITE})
            """
        ),
        by_crew=True,
    ),
    Stage(
        ON_SITE,
        PAST,
        phrases(
            rf"""
            pulled up (outside|at) (the|your), (has|have|'ve|we've|they've) (just |already |now )?(come|got|made it)
            to (the |your ){_SITE}, reached (the |your ){_SITE}, (has|have) (now |already |just )?taken (up )?(the
            |his |their )?post, works?( (on|under|for|by|at))?( the| your)?( request)?( [#№]?\d+)?
            (has|have|was|were) (been )?(started|begun|commenced), entered (on |to |in |into |at )?(the |your
            )?({_SITE}|{_ROOM})(?! (address|name|number|code|data|details|key)), (already|just) (arrive|reach) (at
            |to |in )?(your|the|site),
            (started|began|begun) to (work|repair|fix|replace|install|dismantle|unmount|demount|remove|strip|take
            (apart|out|down|off)|drain|clean|drill|dig|cut|weld|mount|unblock|pump|isolate|rewire|open up)(?!
            (again|normally|fine|well|properly)), (has|have|they've|he's) (just |now )?pitched(?=\s?[.\x2c;!]|\s?$|
            at| for (the |your )?({_REQUEST})), (clocked|badged|swiped|scanned) in (at|with|through|on),
            parked( up)? (at|in|by|outside) (the |your )?(loading (dock|bay)|gate|entrance|car park|yard|building),
            got to (the |your
            )(clinic|hospital|school|hotel|plant|factory|mall|restaurant|pharmacy|substation|supermarket|
            premises|building|customer|client|flat|property|surgery|house|address|location),
            (walked|stepped) into (the|your) ({_ROOM}|comms room|control room|data hall|ward|kitchen|shop|branch),
            (i've|we've|they've|he's|she's)
            (just |already |now )?reached(?! (out|an|the (conclusion|end|limit)|agreement)),
            (?<!was\s)(?<!been\s)(?<!were\s)reported to (the |your )?(security|reception|gate|gatehouse|front
            desk|site office|control
            room)(?= at \d|\s?[.\x2c;]|\s?$| and), signed in (at|with) (the |your )?(reception|security|gate|desk|site),
            (just |has |have )walked in(?=[.\x2c;!]|$| and)
            """
        ),
    ),
    Stage(
        ON_SITE,
        WEAK,
        phrases(
            r"""
            on (the )?(place|premises)(?! of), at the place, on (the |your )(object|facility|premises)(?! of| \d),
            (already|now) (in|at|on) (site|place|your (factory|office|site|building))(?! of)
            """
        ),
    ),
    Stage(
        ON_SITE,
        NOW,
        phrases(
            rf"""
            {_ARE}( standing| working| busy)? (at|in|inside|on) (your ({_SITE}|{_ROOM})|the ({_THE_SITE}|{_ROOM})),
            {_ARE} in your \w+ (now|already), {_ARE} in the
            (hall|hallway|corridor|lobby|kitchen|store|shop|branch|ward|classroom|toilet|loft|lab|theatre|stairwell|flat)
            (now|already), {_ARE} with (ye|yous) (now|already), {_ARE} at work (by|with|at) (you|your), {_ARE} at
            yours(?= now|[.\x2c;!]|$| and), {_ARE} at the {_SITE} (now|already), {_ARE} here (at|in|on|by) (the|your),
            {_ARE} inside (now|already|and
            (working|at work|busy)), (is|are|am|we're|they're|he's|she's|i'm) (now|already|currently|still|right
            now)( busy)? {_DOING}, {_ARE} {_DOING} [^.\x2c;!?]+ (right now|now|at the moment|as we speak), {_ARE}
            (with|by) you (now|already), (is|are) (now |already |currently )?(at|in) your company,
            (is|are) working on {_NUMBERED} (on|at) (the |your )?(site|object|place),
            (we've|i've|they've|he's|we have|i have|has|have) been (here|there|on site|at it|working)( already)? since,
            (is|are|am) (now|already|at the moment|currently|right now) (with|by|at)
            (you|yours)(?! (on|to|about)), (?<!we\s)(is|are) {_DOING},
            are working (now|right now|as we speak|at the moment)(?! on (a|the) (quot|price)),
            {_ARE} at (the |your )(front desk|gatehouse|loading bay|main gate|barrier|security
            desk|lobby|security|gate|reception)
            (for {_NUMBERED}|now|already)
            """
        ),
        by_crew=True,
    ),
    Stage(
        LEFT,
        PAST,
        phrases(
            rf"""
            (has|have|all|already|now|just|and|then) left (the |your |this ){_SITE}(?=[.\x2c;!)]|$| at \d| and),
            (crews?|lads|guys|boys|men|team|engineers?|technicians?|we|they|all)('s|'re| is| are| have)? (now |all
            )?(away|off|gone|headed|heading|back) home, packed up and (left|gone|off|away)( site)?, (leaved|quitted)
            (the |your )?{_SITE}, (he's|they're|is|are|now|all) off (your|the) (site|premises), (drove|driven) off at
            \d+
            """
        ),
    ),
)

_REPORT: Final = "(report|advised?|notify|inform|notification|advice)( you)?( of| about| on)?( the| our)?"
_PEOPLE: Final = "(team|crew|engineers?|technicians?|brigade|specialists?|people|staff|workers|employees)"
_NOT_PLANNED: Final = (
    r"(?!([^.;!?]+)? (tomorrow|on \d|on (mon|tues|wednes|thurs|fri|satur|sun)day|planned|expected)(?!\w))"
)

OFFICE_EN: Final = (
    Stage(
        LEFT,
        NOW,
        phrases(
            f"{_REPORT} (completion|finishing|ending) of( all)?( the)? (works?|repairs?|job|servicing|service|"
            "maintenance|installation|replacement)"
        ),
    ),
    Stage(ON_SITE, NOW, phrases(f"{_REPORT} arrival of( our| the)? {_PEOPLE}{_NOT_PLANNED}")),
    Stage(EN_ROUTE, NOW, phrases(f"{_REPORT} departure of( our| the)? {_PEOPLE}{_NOT_PLANNED}")),
)
"""What an office reports with nouns."""

DONE_EN: Final = (
    Stage(
        LEFT,
        PAST,
        phrases(
            rf"""
            (executed|performed|carried out|done|made|finished|completed) in full( volume| scope)?,
            (is|was|were|been) executed(?! (now|tomorrow|on|from|every|if|when|after|within|in|only|by \d)),
            (job|works?|it|all|everything|request)('s| is| are| was| has been| all)? wrapped up, wrapped up (the
            |this |your )?(job|works?|request|repairs?), ((?<=\d\s)|^)complete(?=\s?[.\x2c;!]|\s?$),
            (repairs?|installation|replacement|cleaning|move) (is |are )?complete(?=\s?[.\x2c;!]|\s?$), job's done,
            (works?|repairs?|intervention|job|service|assistance)( (from|of|to|on|by|under|for|in) {_NUMBERED})? (is
            |are |was |were |has been |have been |been )?(successfully |fully |finally |now
            )?(ended|concluded|realised|realized|terminated)(?!
            (on|at|in|by|tomorrow|if|when|after|every|with you)),
            (ended|concluded|realised|realized|made|effected|executed|performed) (the |all
            )?(repairs?|works?|intervention)(?= for {_NUMBERED}| of {_NUMBERED}|\s?[.\x2c;!]|\s?$| and),
            ((?<=\d\s)|^)(realised|realized|concluded|executed)(?=\s?[.\x2c;!]|\s?$),
            (works?|servic(e|ing)|ppm|maintenance|repairs?|replacement|installation|cleaning|job|tests?|testing){_GAP}
            (has|have) been (\w+ly )?(carried out|performed|conducted|undertaken|effected)(?! (in part|tomorrow|on
            paper)),
            (faults?|failures?|malfunctions?|defects?|breakdowns?|damages?|leaks?)
            (removed|eliminated|remedied|liquidated)
            """
        ),
    ),
)
"""The work is finished."""
