"""What looks like news of a request and is none, as data. Written as in `core.letters.phrasebook`."""

from typing import Final

from core.letters.crews import CREW_EN
from core.letters.phrasebook import PAST, Stage, phrases

_WHO_EN: Final = f"(has|have|{CREW_EN}|contractor|we|they|he) (already |just )?"
LOOKALIKES: Final = (
    Stage("", PAST, phrases(r"(заявк|запит|запрос)* ([\w№/]+ )?(уже|вже) (у|в) вас")),
    Stage(
        "",
        PAST,
        phrases(
            f"""
        (принят|взят)(а|о|ы)? (к|на) рассмотрени(е|ю), (принял|взял)(а|и)? (к|на) рассмотрени(е|ю),
        (прийнят|взят)(а|о|і|ий) (до|на) розгляд(у)?, (прийняли|прийняв|прийняла|взяли) (до|на) розгляд(у)?,
        принят(о|ы)? к сведению, принял(и|а)? к сведению, прийнят(о|і)? до відома, прийняли до відома, принято
        решение, приняли решение, прийнято рішення, прийняли рішення, принят(ы|о)? меры, приняли меры, вжито
        заходів, приняли участие, принял участие, прийняли участь, подтвержд* получение, підтвердж* отримання,
        ((we|i) (hereby )?)?confirm(ed)? (the )?receipt(?! and accept), подтвержд* что, confirm(ed)? that,
        принято считать, в пути следования, работа* на опережение, на месте
        (разбер*|посмотр*|реш*|увид*|уточн*|определ*), done by(?! (request|req|ticket|us|our|#|№|\\d)),
        to be done, cancell?ed on (us|him|them), arrived at
        (a|an|the|this)
        (agreement|conclusion|decision|price|figure|solution), done \\w+ing, on
        (my|our|his|her|their|the|its) way (out|back|home),
        (mark|marked|set|get|getting|consider|call|have|want|need|needs) (it|this|that|them|the request|the job) (as
        )?(done|completed|complete|closed|fixed|finished), done (nothing|little), did nothing,
        сделано мало, зроблено мало, готово (к|до|для) \\w+, на місці
        (розбер*|подив*|виріш*|побач*|уточн*|визнач*), сделан* заказ, на месте происшествия, ({_WHO_EN})?left
        (over|behind|side|a|to), well done, easier said than done, приняты в эксплуатацию, нічого не зроблено,
        ничего не сделано,
        (постав|став|внес|вніс|внос|запис|включ|додал|добав)* (ее |її |её |вас |\\d+ )?(в|у|до|на)
        (график|графік|план|розклад|расписани|очеред|черг)*, (постав|став|внес|запис|включ)(а|о|і|ы|ий)? (в|у|до|на)
        (график|графік|план|розклад|расписани|очеред|черг)*
        """
        ),
    ),
)
