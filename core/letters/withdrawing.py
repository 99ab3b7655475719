"""A request that its owner asks to withdraw, and says why it is not needed: `прошу отменить, всё заработало само`.

Asked without such a reason it is for a person to decide: the request may be a duplicate, or only moved.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from core.letters.evidence import Heard
from core.letters.lexicon import Lexicon
from core.letters.model import CANCELLED
from core.letters.stages import Hit

_CANCEL: Final = r"(?:отменить|отзывать|отозвать|аннулировать|снять|скасувати|відмінити|відкликати|анулювати|зняти)"
_ASKS: Final = re.compile(
    rf"(?<!\w)(?:(?:прошу|просим|просимо|просьба|прохання|хотел[аи]? бы|хот[иі]л[аи] б|хочу|хотим|"
    rf"хочемо)\s(?:[^\s,.;:!?]+\s){{0,6}}?{_CANCEL}|"
    r"(?:отмените|отменяйте|отзовите|аннулируйте|снимите|снимайте|скасуйте|скасовуйте|знімайте|відмініть|відкличте|"
    r"анулюйте|зніміть)|"
    r"(?:прошу|просим|просимо|просьба|прохання)\s(?:[^\s,.;:!?]+\s){0,4}?(?:считать|вважати)\s(?:[^\s,.;:!?]+\s){0,4}?"
    r"(?:отмененн|аннулированн|снят|знят|скасован|анульован|відкликан)\w+|"
    r"(?:please|kindly|(?:could|can|would|will) you(?: please| kindly)?|(?:want|like|need|ask you) to)\s"
    r"(?:go ahead and |just )?(?:cancel|withdraw|call off)|"
    r"(?:please|kindly)\s(?:treat|consider|regard|mark)\s(?:[\w#№/-]+\s){1,4}?(?:as )?(?:cancell?ed|withdrawn))(?!\w)"
)
_NEEDLESS: Final = re.compile(
    r"(?<!\w)(?:(?:больше|уже|більше|вже)?\s?(?:не|ні) (?:нужн|актуал|требу|потріб|потребу|надо|треба)|не ?актуальн|"
    r"отпала|відпала|no longer (?:needed|required|necessary|relevant)|"
    r"(?:not|isn't|aren't) (?:needed|required|necessary) any|no (?:visit|call-?out|attendance|engineer|repair|"
    r"one) (?:is )?(?:now )?(?:needed|required)|(?:nobody|no one) needs? to|no need|needn't|"
    r"(?:сам[аиоі]?|самостоятельно|самостійно|(?:своими|власними|собственными|своїми) силами|himself|herself|itself|"
    r"themselves|ourselves|myself)(?!\w)|"
    r"передумал|списал|выбросил|викину|продал[иа]|вывезли|утилизир|утиліз|changed (?:his|her|our|their) mind|"
    r"заработал|запрацюва|решил[аои]с|вирішил[аои]с|"
    r"наш[её]?л(?:ась|ся|ось|ись|и|а)?|знайшл|знайшов|found (?:the|his|her|their|a)\s(?:\w+\s)?(?:key|card|fob|pass|"
    r"remote))"
)
_OTHER_OBJECT: Final = re.compile(
    r"\s(?:(?:please|будь ласка|пожалуйста|наш\w*|our|the|today's|завтрашн\w+|сегодняшн\w+|сьогоднішн\w+|одну|одне|"
    r"one)\s)*"
    r"(?:выезд|виїзд|визит|візит|приезд|приїзд|доставк|счет|рахунок|пропуск|встреч|зустріч|visit|appointment|delivery|"
    r"order|invoice|meeting|pass|(?:из|з|of)\s)"
)
_OPEN: Final = re.compile(
    r"(?<!\w)(?:или|або|чи|or) (?:же )?(?:подтверд|підтвер|confirm|перенес|перенос|reschedul|move|отлож|відклад)|"
    r"(?<!\w)(?:не|not|don't) $"
)
_ASKS_BACK: Final = re.compile(r"(?<!\w)(?:отмен|скас|анул|аннул|cancel)[^?]{0,60}\?")


def with_withdrawals(heard: list[Heard], lex: Lexicon) -> Iterator[Heard]:
    """The sentences; one that asks to withdraw what the letter calls needless tells that it is cancelled."""
    named = {target for item in heard for mention in item.mentions if not mention.reason for target in mention.targets}
    for place, item in enumerate(heard):
        text = item.sentence.text
        asked = _ASKS.search(text)
        if asked is not None and len(named) == 1 and _may_be_done(text, asked, lex):
            around = heard[max(0, place - 2) : place + 3]
            rest = [each.sentence.text for each in around if each is not item]
            needless = any(_NEEDLESS.search(each) for each in (text[asked.end() :], text[: asked.start()], *rest))
            if needless and not any(_ASKS_BACK.search(each) or lex["condition"].search(each) for each in rest):
                yield replace(item, hits=[Hit(asked.start(), asked.end(), CANCELLED, "")])
                continue
        yield item


def _may_be_done(text: str, asked: re.Match[str], lex: Lexicon) -> bool:
    """It is the request that is meant, and nothing else is left to decide."""
    before, after = text[: asked.start()], text[asked.end() :]
    return not (
        _OTHER_OBJECT.match(after)
        or _OPEN.search(after)
        or _OPEN.search(before)
        or re.search(r"(?<!\w)(?:не|not)(?!\w)", asked[0])
        or lex["condition"].search(text)
    )
