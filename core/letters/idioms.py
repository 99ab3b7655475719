"""What is said in English by those who speak it at home, each country in its way, and by those who translate while they
write. Written as in `core.letters.phrasebook`.
"""

from typing import Final

from core.letters.model import ACCEPTED, CANCELLED, DECLINED, EN_ROUTE, LEFT, ON_SITE, SENT
from core.letters.phrasebook import NOW, PAST, WEAK, Stage, phrases

_NUMBER: Final = r"[#№]?\d+([/-]\d+)?"
_CALLED: Final = "(request|req|job|ticket|order|call|call-?out)"
_REQUEST: Final = rf"((the |your |this )?{_CALLED}( {_NUMBER})?(?! [#№\d])|{_NUMBER})"
_NUMBERED: Final = rf"(the |your |this )?{_CALLED} {_NUMBER}"
_IT: Final = rf"({_REQUEST}|it|(this|that)( one)?|them|both)"
_ENDS: Final = r"(?=\s?[.\x2c;:!)|]|\s?$| and| so| then| thanks| cheers| mate| sorry| i'm| -)"
_NOT_NOW: Final = (
    r"(?!((?! because| due to| owing to| as we| since| fully| booked| no )[^.;!?])+ "
    r"(until|unless|before|without|till|yet|if)(?!\w))"
    r"(?!([^.;!?\x2c]+)? (today|tomorrow|now|earlier|this (?!one|request|job|call|work)\w+|next|on)(?!\w))"
)
_NO_DAY: Final = r"(?!([^.;!?]+)? (mon|tues|wednes|thurs|fri|satur|sun)day)"
_PLACE: Final = (
    "(site|premises|objects?|building|location|facility|plant|factory|works|school|hospital|clinic|hotel|branch|mall|"
    "substation|store|shop|office|warehouse|place|address|property|house)"
)
_BASE: Final = r"(office|base|depot|yard|warehouse|workshop|garage|shop|hq)"
_CAR: Final = "(ute|van|truck|car|lorry|motor|wagon|bakkie|bus|jeep)"
_ARE: Final = "(is|are|am|we're|they're|he's|she's|i'm)( now| already| currently| still| both| all| just| right now)?"
_FAULT: Final = (
    "(faults?|defects?|malfunctions?|breakdowns?|disturbances?|failures?|leaks?|leakages?|problems?|issues?|troubles?|"
    "damages?|blockages?|shorts?|short circuits?)"
)
_TAKE: Final = (
    "(accept|take|take on|take up|undertake|do|attend|execute|perform|carry out|help (you )?(out )?with|assist with|"
    "proceed with|service)"
)
_OBJECT: Final = r"((it|this|that)( one)?|(the |your )?(request|job)( \d[\d/-]+)?|\d[\d/-]+)"
_AUX: Final = (
    "((going to|gonna|will|'ll|we'll) have to|have to|gotta|must|we'll|i'll|will|going to|gonna|are|we're|i'm|am)"
)
_OURS: Final = (
    "(our (bag|thing|line of work|trade|scope|field|remit)|(in|within) our (scope|remit|line)|one for us|for us|"
    "something we('d|'re able to| can| would)? (do|take on|cover|handle|offer))"
)
_DOOR: Final = "(front |main |back )?(door|gates?|entrance|building|barrier|shutters?|loading (bay|dock))"
_WORKER: Final = (
    "(technician|technican|engineer|fitter|mechanic|colleague|electrician|plumber|specialist|mounter|welder)"
)
_HANDED: Final = (
    "(forwarded|passed|handed|given|assigned|referred|transferred|escalated|subbed|subcontracted|outsourced|flicked|"
    "handballed|delegated|redirected|farmed|emailed|routed|relayed)"
)
_PARTNER: Final = (
    r"([\w-]+ )?((sub-?)?contractors?|subbies?|subby|vendors?|partner (company|firm)|service partner|third party)"
)

IDIOMS_EN: Final = (
    Stage(
        "",
        PAST,
        phrases(
            r"""
            (fixed|arranged|sorted|sorted out|agreed) (a|an|the|your|our) (new |next
            )?(date|time|day|appointment|price|slot|meeting|visit|call|access|quote|paperwork|parking|permit),
            (completed|finished|done)
            (pricing|quoting|reading|reviewing|estimating|costing|planning|ordering|preparing|designing|surveying|scoping|drafting|
            writing|training|loading|packing),
            (completed|finished|done) (a|an|the|our|your) (\w+ )?(survey|quote|quotation|risk
            assessment|form|rams|paperwork|drawings|drawing|inspection|report|estimate), (arrived|got|went|came)
            (at|to) (the )?wrong \w+, arrived at (a|the|an) (conclusion|decision|price|figure|agreement),
            (assigned|booked|scheduled|accepted|allocated|closed|cancelled) (wrongly|incorrectly), ((we|i)('ve|
            have)? )?assigned ((it|the request|request \d+) )?(a |an )?(low|high|medium|normal|different|new|top)
            (priority|category|code|number), on (our|my|the|his|their) way (we'll|we will|i'll|i
            will|he'll|they'll|we can|i can|past|through), set off (the |an |your |our )?(fire |smoke |burglar
            )?(alarms?|sprinklers?|sensors?|detectors?), got to you (a|the|by|with), checked in with (the|your|our)
            (tenant|customer|client|supplier|office|owner|landlord|manager), (done|fixed|repaired) before(?!
            (the|we|i|they|he|noon|lunch|closing|\d)), resolved to
            (?!(your|the|our|customer|client|full|everyone|their))\w+, sorted (out )?(the |your |our |all |some
            )?(parts?|tools|materials?|papers|keys?|parking|permits?|dates?|screws), (closed|shut)
            (for|on|until|till|over|during) (the |our |your
            )?(holidays?|lunch|christmas|easter|weekends?|night|season|summer|winter|break|stocktake|refurb\w+|(mon|tues|wednes|thurs|fri|satur|sun)days?),
            ready (for|to) (collection|collect) is, fixed (price|rate|term|fee|cost|asset), withdrawn
            (product|model|part|item|from (sale|stock)), closed (the|a) (valve|road|door|gate|window|lid|stopcock)
            """
        ),
    ),
    Stage(
        SENT,
        PAST,
        phrases(
            rf"""
            ((is|are|was|were|has been|have been) (now |already )?)?{_HANDED} (out |over |on
            )?((it|this|that|{_NUMBERED}) )?(on |over |out |along |across |further |onwards
            )?to (the |our |a |your |another )?{_PARTNER}, (is|are|it's) (now |already )?with (our |the |a
            ){_PARTNER}(?! (on|about|for (a |the )?(quot|price)|and|to)),
            (subcontracted|subbed|outsourced|farmed)( out)? ({_NUMBERED}|it|this)( out)? to
            (?!(you|your|us)(?!\w))\w+, (instructed|engaged|tasked|appointed) (our
            |a |the ){_PARTNER} (to (deal with|handle|attend|do|carry out|take|cover|look after)|for|with|on)(?=
            {_NUMBERED}|$)
            """
        ),
    ),
    Stage(
        ACCEPTED,
        PAST,
        phrases(
            rf"""
            (took|taken|take) {_REQUEST} (in|into|to) (the )?(work|execution|processing), (took|taken) over
            {_REQUEST}, {_REQUEST} taken over{_ENDS}, (is|are|been|got|was|were) locked in(?= with|
            for|\s?[.\x2c;!]|\s?$), (is|are|it's|that's|\d+'s|got|have|put|added)( {_IT})?( now)? (on|in|onto|into)
            (the|our) (board|books|rota|roster|diary|planner|run sheet|calendar|schedule|job list|list)(?! (of|for (a
            |the )?(quot|approv|discuss|review|payment|decision|next year))), (is|are|it's|that's|\d+'s) ours{_ENDS},
            (logged|received|noted|booked|raised) and (allocated|assigned|booked|scheduled|allotted|actioned),
            (is|are|it's) (now )?with (our|the) (\w+ )?(engineers?|technicians?|team|crew)(?= now|\s?[.\x2c;!]|\s?$|
            who), (been|was|is) picked up by (the|our) (\w+
            )?(team|crew|engineers?|technicians?|guys|lads|office|branch), (acknowledged|noted) and accepted
            """
        ),
        needs_request=True,
        negated=DECLINED,
    ),
    Stage(
        ACCEPTED,
        PAST,
        phrases(
            r"""
            (engineer|technician|operative|team|crew) (allocated|assigned)(?= is|\s?[:.;)\x2c]|\s?$),
            (allotted|deputed|nominated|earmarked)(?! (a |the |you |as )?(number|id|no|ref|time|slot|budget|parking))
            """
        ),
        needs_request=True,
    ),
    Stage(
        ACCEPTED,
        NOW,
        phrases(
            rf"""
            (we|i) (hereby |gladly )?(acknowledge|confirm) and accept, (we|i) (gladly|happily) (accept|take), (please
            )?(take|consider|treat) this (e-?mail |message )?as (our |an |the )?(confirmation of )?acceptance of(?=
            {_NUMBERED}|$), (put|count) (us|me) (in|down) for(?= {_NUMBERED}|$), taking up(?= {_NUMBERED}|$),
            (we|i)('ll| will) (grab|take|take on|pick up|look after|handle|deal with|see to|cover) {_REQUEST}(?!
            (off|out|back|up|to|over|again|when|once)), (happy|glad|pleased|delighted) to (pick up|take on|look
            after|cover) {_REQUEST}(?! (again|when|once|from)), (is|are) (now |already |currently )?(in|under)
            (processing|process|execution)(?! of)
            """
        ),
        needs_request=True,
    ),
    Stage(
        DECLINED,
        NOW,
        phrases(
            rf"""
            {_AUX}( \w+ly)? ((refus|declin|reject)(e|ing)?(?= {_OBJECT}(?!\w)|$)|(turn(ing)? down|(knock|hand)(ing)?
            back|bow out of|say no to|back out of)(?= {_OBJECT}(?!\w)|$)|(knock|hand|turn)(ing)? {_OBJECT}
            (back|down)(?! (to|on|at))|giv(e|ing) {_OBJECT} a miss){_NOT_NOW}, (not in a position|inability) to
            {_TAKE} {_REQUEST}{_NOT_NOW}, (cannot|can't|can not|unable to|not able to|won't be able to)
            (overtake|take over|take up|entertain|service|cover|accommodate|facilitate|touch|get involved
            (with|in)|assist with) {_REQUEST}{_NOT_NOW}, (not|isn't) {_OURS} (i'm afraid|sorry|unfortunately), please
            (reassign|re-assign|reallocate) {_NUMBERED}(?! (to|until|from|for)){_NOT_NOW},
            (we|i) no longer (cover|service|serve|operate in|work in|maintain)(?! (the |your |any
            )?(cost|expense|price|travel|parking|warranty|glass)\w*),
            please (find|approach|engage|arrange) (another|a different|an alternative|some other|other)
            (contractor|company|firm|vendor|supplier)(?! (in|next|for (the )?next)), thanks but no thanks
            (on|to|for)(?= {_NUMBERED}|$), (refuses|declines|rejects)(?= {_NUMBERED}|$){_NOT_NOW}, it's a no
            (on|for|to)(?= {_NUMBERED}|$), (you'll|you will) (need|have) to (find|get|use|ask|try)
            (someone|somebody|another (contractor|company|firm))( else)? (for|to do) (this|that|it|{_NUMBERED})
            """
        ),
    ),
    Stage(
        DECLINED,
        NOW,
        phrases(
            rf"""
            (is|are|it's|that's|\d+'s) a no(?=\s?[.\x2c;!)]|\s?$| from us| from our side| from me| sorry| i'm afraid),
            (is|are|it's|that's|\d+'s) not (really |quite )?{_OURS}{_ENDS}, (isn't|ain't|aren't) (really |quite
            )?{_OURS}{_ENDS}, ((?<=\d\s)|^)not {_OURS}{_ENDS},
            (is not|isn't|it's not|not) (something|a job|work|a type of work|the kind of work|an area) (that
            )?we (do|offer|cover|undertake|carry out|handle|deal with|take on),
            (is|are|it's) (a bit |just |really |way )?too (far|big|small|high|specialist|large|heavy)( out| away)?
            for us{_ENDS},
            (is|are|it's|that's|falls) (outside|out of|beyond) (of )?our (\w+
            )?(scope|remit|area|patch|territory|region|coverage|catchment){_ENDS},
            (cannot|can't|can not|could not|couldn't) be
            (accepted|entertained|undertaken|executed|fulfilled|taken up|taken on)(?! (by
            (email|phone)|at)){_NOT_NOW}
            """
        ),
        needs_request=True,
    ),
    Stage(
        CANCELLED,
        PAST,
        phrases(
            """
            (binned( off)?|canned|axed|pulled|scrapped|scrubbed|stopped) by (the |your |our
            )?(client|customer|tenant|landlord|owner|store|
            manager|fm|management|school|hospital)
            """
        ),
        needs_request=True,
    ),
    Stage(
        DECLINED,
        PAST,
        phrases(
            """
            (had|were forced|were obliged|have been forced) to (decline|refuse|reject|turn down)(?!
            (to|us|entry|access))
            """
        ),
    ),
    Stage(DECLINED, PAST, phrases(rf"knocked {_IT} back(?! (to|on|at)), knocked back(?= {_REQUEST}|$)")),
    Stage(
        CANCELLED,
        PAST,
        phrases(
            rf"""
            no longer (needs?|requires?|wants?)(?= {_NUMBERED}|$), pulled the (pin|plug) on(?= {_IT}|$), {_CALLED}(
            {_NUMBER})?( is| was| has been|'s been) (rescinded|revoked|nullified|retracted|void|aborted at the
            (customer|client|tenant)'s), {_CALLED}( {_NUMBER})?( is| was| has been|'s been| got)?
            (scrapped|scrubbed|binned|canned|axed|voided|nixed|storned|stornoed|knocked on the head), {_CALLED}(
            {_NUMBER})?('s| is) (now )?off{_ENDS}
            """
        ),
    ),
    Stage(
        EN_ROUTE,
        PAST,
        phrases(
            rf"""
            ((service|our|the) )?(trucks?|vans?|crews?|teams?|techs?|lads|guys|boys|unit) rolled( out)?(?= (at
            )?\d|\s?[.;!\x2c]|\s?$| to| for),
            (engineers?|technicians?|crews?|teams?|fitters?|lads|squad|gang|operatives?)( has| have| is| are| was|
            were|)( now| just|
            already)?( been)? mobili[sz]ed(?= (at )?\d|\s?[.\x2c;]|\s?$| to| from| and),
            (pulled|rolled|drove|driven|moved) (out )?(of|from) our (\w+ )?{_BASE},
            (crews?|teams?|lads|guys|boys) rolling(?=\s?[.\x2c;!]|\s?$| now| to),
            responding[\x2c;]? (eta|now|code), off we go(?= for| to|\s?[.;!\x2c]|\s?$),
            in the (car|van|truck|ute) now,
            (jumped|jumping|hopped|hopping|piled|piling|climbed|climbing) (back )?(in|into|in to)
            (the|me|my|our|his|their) {_CAR}, back in the
            {_CAR}(?= and|$), (lads|guys|boys|team|crew|engineer|technician|he|they|we) left here( [\w:.]+)?( \w+)?(
            ago)? for(?= {_NUMBERED}| you| (the |your )?site|$),
            (has|have|is|are|we've|they've|i've|he's|just|already|now)( just| already| now)? started (off |out
            )?(from (the |our |his )?([\w-]+ )?{_BASE}|(for|to|towards|in (the )?direction (of|to)) (the |your
            )?(site|plant|premises|factory|building|location|place|office|shop)|(for|to|towards) you|(his |their |our
            |the )?(journey|trip|drive)|driving|travelling|traveling), (mobili[sz]ed|deployed|despatched)
            (to|towards|for|from) (the |your |our )?({_PLACE}|{_BASE}|{_REQUEST})
            """
        ),
    ),
    Stage(
        EN_ROUTE,
        NOW,
        phrases(rf"on (me|ma|mi) way, making tracks( now)? (to|for)(?= {_NUMBERED}| you| (the |your )?{_PLACE}|$)"),
    ),
    Stage(
        EN_ROUTE,
        WEAK,
        phrases(
            rf"""
            {_WORKER} (is )?(now |already |just )?(since [\w':]+( o'clock| hours?)? )?under(
            )?way(?=\s?[.\x2c;!)|]|\s?$| to you| to your| to the site| to site| for| since| because| now)
            """
        ),
    ),
    Stage(
        EN_ROUTE,
        NOW,
        phrases(
            rf"""
            {_ARE} (under( )?way) (to|towards) (you|your|site|the {_PLACE}),
            (tech|engineer|technician|driver|fitter|plumber|electrician|crew|team|man|guy)'s
            (rolling|heading|headed|driving|coming|travelling)( over)?(
            to (you|site)| your way| now|\s?[.;!]), {_ARE}
            (rolling|headed|heading|driving|moving|travelling|coming|going)( over| out| down| up)? (to|for|towards)
            {_NUMBERED}, {_ARE} inbound(?=\s?[.\x2c;!]|\s?$| to| for| now), {_ARE} making (my|our|his|her|their) way
            (over|across|down|up|to|there|towards), (drives|comes|goes|travels) (now|already) to (you|your
            {_PLACE}|the {_PLACE}|site), {_ARE} minutes from (you|site|your)
            """
        ),
        by_crew=True,
    ),
    Stage(
        ON_SITE,
        PAST,
        phrases(
            rf"""
            made a start on(?= {_IT}|$), works? (now )?under ?way(?= on|\s?[.\x2c;!]|\s?$),
            (rocked|pitched|fronted|lobbed) up(?! (tomorrow|before|late last)), landed (on|at|to) (the |your
            )?{_PLACE}, parked up (outside|at|now|in front), made it (over )?to(?= {_NUMBERED}| you(?!r \w+
            (list|desk))| (the |your )?{_PLACE}|$), reached (at|to|on) (the |your )?{_PLACE}, work (is )?(now )?under
            progress, signed the (visitors?'?|site|log) ?(book|log|register),
            (guys|lads|boys|crew|team|technician|engineer|we|they|just) pulled up(?= (for|to|now|in front|here|on
            site)|\s?[.\x2c;!]|$), (technicians?|team|engineers?|we|they|he)( mr)?( \w+)? (has |have |had |is )?(just
            |already |now |also )?reported (at|on|to|in at) (the |your )?({_PLACE}|gate|main
            gate|security|reception)(?! (manager|team|that)), (has|have|'ve|we've|they've|just|already|and) (got
            stuck into|made a start on|cracked into|cracked on with|gotten started on|got started on|got going on)
            {_IT},
            (mounting|montage|assembly|repairs?|cleaning|installation|maintenance|servicing|fitting|painting|wiring|digging|excavation|replacement|dismantling)(
            (on|under|for|by|at|to|of|against))?( the| your)?( request)?( {_NUMBER})? (has|have|was|were) (been
            )?(started|begun|commenced), (works?|repairs?|installation|cleaning)( (on|for|under) {_REQUEST})?
            (is|are) (now |already |well )?under( )?way
            """
        ),
    ),
    Stage(ON_SITE, WEAK, phrases("on the tools, on scene")),
    Stage(
        ON_SITE,
        NOW,
        phrases(
            r"""
            (have|have got|we've got|i've got) (a |an |one |two |three |four |our |some
            )?(m[ae]n|engineers?|technicians?|crew|team|lads|
            guys|fitters?|plumbers?|electricians?) (at|on|in|inside) your
            (site|building|roof|premises|hospital|school|shop|store|hotel|
            plant|factory|clinic|basement|plant room),
            (we're|we are|lads are|they're|team is|crew is) (all )?(set up and )?cracking
            on(?=\s?[.\x2c;!]|\s?$)
            """
        ),
    ),
    Stage(
        ON_SITE,
        NOW,
        phrases(
            rf"""
            (cracking into|cracking on with|ripping into|getting stuck into|tearing into)(?= {_IT}|$){_NO_DAY}
            """
        ),
    ),
    Stage(
        ON_SITE,
        NOW,
        phrases(
            rf"""
            {_ARE}( standing| waiting| parked)?( up)? (before|in front of|outside) (your|the) {_DOOR}, {_ARE}(
            standing| waiting)? at your {_DOOR}, (stands|stand|waits) (now |already )?(before|in front of|outside|at)
            your {_DOOR}, {_ARE} (since [^.\x2c;!?]+ )?at your place
            """
        ),
        by_crew=True,
    ),
)

DONE_IDIOMS_EN: Final = (
    Stage(
        LEFT,
        PAST,
        phrases(
            rf"""
            knocked over(?= ({_IT}|all)(?!\w)|$), knocked {_IT} over{_ENDS}, (put|knocked) {_IT} to bed{_ENDS},
            (boxed|ticked|polished|signed) {_IT} off{_ENDS}, (boxed|polished) off(?= {_REQUEST}|$),
            (is|are|it's|that's|all|been|everything|it|\d+'s) (squared away|boxed off|buttoned up|put to bed|taken
            care of)(?= (on|with) (it|this|that|request|job|\d)|\s?[.\x2c;!)|]|\s?$| and| thanks| now| today),
            ((?<=\d\s)|^)(buttoned up|squared away|boxed off){_ENDS}, got {_IT} (taken care of|sorted|squared
            away|done|finished|fixed){_ENDS}, (finished|wrapped) (out|off|up) (at|on|with)(?= {_NUMBERED}|$),
            (wrapped|closed out|finished (out|off|up)|knocked out|cleared)(?=
            {_NUMBERED}|$), that's us (all )?(done|finished|sorted)(?! (for (today|now|the day))), complete and
            (tested|signed off|working|running|handed over|commissioned), executed(?= {_NUMBERED}|$), left
            {_NUMBERED} at (about |around )?(\d|quarter|half|noon|midday|ten|twenty|five), (demobili[sz]ed|demobbed)
            (from )?(the |your )?(site|{_PLACE}), (works?|repairs?|mounting|installation|assembly)(
            (to|on|for|of|under) {_REQUEST})? (is|are) (now |all |already )?ready{_ENDS}, {_FAULT}(
            (on|for|to|of|under|in|from) {_REQUEST})? (is|are|was|were|has been|have been) (now |fully |successfully
            |already )?(remedied|eliminated|liquidated|cured|put right|removed|made good|set right|solved),
            (eliminated|remedied|liquidated|removed|solved|cured) (the |this |all )?(\w+ )?{_FAULT}
            """
        ),
    ),
    Stage(
        LEFT,
        PAST,
        phrases("(is|was|been|were) attended( to)?(?! (at|by|on|for|from|only|partly))"),
        proven=True,
    ),
)
"""The work is finished."""
