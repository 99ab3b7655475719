from datetime import UTC, datetime

import pytest

from core.letters.mime import parse_letter
from core.letters.rules import read
from tests.letters.told import told

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


def status(text: str) -> str | None:
    (update,) = read(parse_letter(f"\n\n{text}".encode(), NOW)).updates
    return update.status


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("По заявці 101 майстер рушив з бази о 9:40.", "en_route"),
        ("Виїзд за заявкою № 101 здійснено о 08:15.", "en_route"),
        ("Монтажники по заявке 101 уже за рулём, проехали Бровары.", "en_route"),
        ("Роботи за заявкою №101 розпочато об 11:00.", "on_site"),
        ("Прибытие экипажа на объект подтверждаю, заявка 101, время 02:47.", "on_site"),
        ("Лифт пока не пущен, механики в шахте, заявка 101.", "on_site"),
        ("Заявка 101: начали менять стояк, воду включим после обеда.", "on_site"),
        ("Все поробили по 101.", "left"),
        ("Беремо заявку 101 в роботу, приїдемо у п'ятницю.", "accepted"),
        ("Our engineer Tom is on site now for request 101 and has started looking at the chiller.", "on_site"),
        ("Request 101: infusion pump repaired and tested, I have left the ward.", "left"),
        ("Заявка 101 - друга бригада щойно виїхала зі складу.", "en_route"),
        ("Doug here. #101 is finished and signed off.", "left"),
        ("Закінчили ми з вашою 101-ю заявкою.", "left"),
        ("По заявці 101 виїхали, по пробках десь 40 хв. Ключі від щитової у кого?", "en_route"),
        ("Заявка 101. Crew on site, testing detectors 1–18.", "on_site"),
        ("Ваша заявка №101 поставлена в график на четверг.", None),
        ("Виконати роботи за заявкою 101 не маємо можливості.", "declined"),
        ("Отзываю заявку 101 на уборку: мероприятие перенесли в другой корпус.", "cancelled"),
        ("Отмена по заявке 101, заказчик передумал.", "cancelled"),
        ("Виїзд за заявкою 101 не здійснено.", None),
        ("Выезд по заявке 101 будет осуществлён в 14:00.", None),
        ("Роботи за заявкою 101 будуть розпочаті завтра.", None),
        ("По 101 не поедем, будем завтра.", None),
        ("Выполнить заявку 101 сегодня не можем.", None),
        ("Заявка 101: машина вышла из строя.", None),
    ],
)
def test_idioms_and_statements_tell_only_what_has_happened(text: str, told: str | None) -> None:
    assert status(text) == told


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Попередній лист («роботи завершено») пішов не вам. По заявці 388 бригада виїхала.", "update 388=en_route"),
        ("Взяв у роботу 101, приїхав, прочистив, пішов", "update 101=left"),
        ("Заявка 101: ушли.", "note 101"),
        ("Заявка 1186. Приїхали о восьмій, прочистили каналізацію, уже поїхали на базу.", "update 1186=left"),
        ("Заявка 1186: приехали, деталь не та, вернулись на базу", "update 1186=on_site"),
        ("Это либо 360-я, либо 361-я заявка, ребята уже на месте", "triage"),
        ("Заявка 650, позиція 14. Передано підряднику ТОВ «Альфа-Клімат»", "update 650/14=sent"),
        ("Заявка 4250. Відправлено сервісній компанії «Терези»", "update 4250=sent"),
        ("Заявка 5418. Выезжаем сразу, как только привезут фреон.", "note 5418"),
        ("За заявкою 4207 без змін, а за заявкою 4211 бригада виїхала", "update 4207 4211=en_route"),
        ("Request 5. On site since half past nine, starting with the panel.", "update 5=on_site"),
        ("Заявка 20418. Інженер щойно виїхав із Броварів, у вас буде об 11:40", "update 20418=en_route"),
        ("Заявка 9318: собираемся, когда выезжаем, пока не знаем", "note 9318"),
        ("Request 83031 - team should set off after lunch", "note 83031"),
        ("Request 83041. The part came late. It arrived at noon.", "note 83041"),
        ("Заявка 4431: прокладку поміняли, не тече", "update 4431=left"),
        ("Заявка 4431: прокладку поміняли, тече", "note 4431"),
        ("Request 4419: Sam is on his way, give him half an hour", "update 4419=en_route"),
        ("We accept REQ-300 to REQ-302, all three", "update 300=accepted 301=accepted 302=accepted"),
        ("Заявку 4172 передано виконавцю - «Стерил-Тест»", "update 4172=sent"),
        ("Ваш запит № 3811 зареєстровано та передано виконавцю", "update 3811=accepted"),
        ("Роботи по заявці 920 прийняв завідувач, акт підписано, бригада поїхала", "update 920=left"),
        ("Request 4176: en route with 12 cylinders", "update 4176=en_route"),
        ("Request 4176: parts en route", "note 4176"),
        ("Заявка 5. Позиція 1: роботи завершено. Позиція 2: не вистачило драбини.", "update 5/1=left 5/2"),
        ("Заявка 448: та я уже у вас, щит кручу", "update 448=on_site"),
        ("Заявка 448 уже у вас", "note 448"),
        ("Заявка 2326: ремонт выполнен, бригада отозвана на базу", "update 2326=left"),
        ("Запит 7044. З об'єкта виїхав о 18:02.", "update 7044=left"),
        ("По заявке 2402 персонал находится в пути", "update 2402=en_route"),
        ("Заявку 472 брать не буду, далеко", "update 472=declined"),
        ("По заявке 814 инженер только что приехал", "update 814=on_site"),
        ("Бригада приїхала на заявку 471, по заявці 417 нічого не змінилося", "update 471=on_site 417"),
        ("424 чи 425 заявка, не пам'ятаю. не буду робити", "triage"),
        ("Request 1515: we got there in the end, the pump is still seized", "note 1515"),
        ("Request 1515: pump fitted, crew's away home", "update 1515=left"),
        ("З заявкою 870 розібрались", "update 870=left"),
        ("Заявка 6107, корпус Б, прийнято в роботу", "update 6107=accepted"),
        ("Заявка 514: відмова, з автовишкою не працюємо", "update 514=declined"),
        ("Заявка 17 выполнена.\nЗаявка 18 принята.\nНа объекте 12 человек.", "update 17=left 18=accepted"),
        ("Заявка 17 выполнена.\nЗаявка 18 принята.\nВыехали.", "note 17 18"),
        ("Заявки 4515 и 4520 отправила подрядчику, жду ответа", "update 4515=sent 4520=sent"),
        ("Заявку 4484 подтверждаю и ставлю на пятницу, 14:00", "update 4484=accepted"),
        ("Заявка 3307. Позиції 1 і 2 готові", "update 3307/1=left 3307/2=left"),
        ("Request 2318 we do not accept, because the crane is broken until new year", "update 2318=declined"),
        ("Request 2301: boiler back on by eleven and job finished", "update 2301=left"),
        ("Заявка 620: фриона долил холодит все ок уехал", "update 620=left"),
        ("Заявка 620: сделали замок, ключи отдали охране", "update 620=left"),
        ("Інформуємо про неможливість виконання заявки 520", "update 520=declined"),
        ("Request 716: lads are at yours now just getting parked up", "update 716=on_site"),
        ("Просим считать заявку 321 отменённой: арендатор сам перезапустил котёл", "update 321=cancelled"),
        ("Прошу считать счёт по заявке 321 отменённым", "note 321"),
        ("Заявку 2750 надіслано підряднику «Дах-Сервіс» о 9:12, чекаємо підтвердження", "update 2750=sent"),
        ("Request 4700 has been sent to the contractor, awaiting their confirmation", "update 4700=sent"),
        ("Request 2481. Yes, we take it.", "update 2481=accepted"),
    ],
)
def test_a_stage_is_told_by_the_words_that_are_news(text: str, expected: str) -> None:
    assert told("", text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Рахунок 2041 за заявкою 166 анульовано, бо був без ПДВ", "note 166"),
        ("Документы на пропуск по заявке 139 в бюро приняли", "note 139"),
        ('I typed "arrived" for request 610, which was wrong. They are still driving.', "update 610=en_route"),
        ("Заявку 951 приняли в работу, от контейнера мы отказались ещё на встрече", "update 951=accepted"),
        ("Это чтобы никто не лез: по заявке 520 мы на месте до шести вечера", "update 520=on_site"),
    ],
)
def test_what_is_told_of_another_thing_is_not_told_of_the_request(text: str, expected: str) -> None:
    assert told("", text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("По 101: пропаяли контакт, все горит", "update 101=left"),
        ("Заявка 101: радіатор перевісили. Хлопці зібрали інструмент та поїхали.", "update 101=left"),
        ("По 101: пропаяли контакт, но всё равно не горит", "note 101"),
        ("Заявка 101: промыли фильтр, ждём деталь", "note 101"),
        ("Заявка 101: перевісили радіатор", "note 101"),
    ],
)
def test_a_piece_of_work_is_the_whole_where_something_shows_it(text: str, expected: str) -> None:
    assert told("", text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Сообщаем о завершении работ по заявке № 3098", "update 3098=left"),
        ("Підтверджуємо отримання та взяття в роботу заявки 87/2", "update 87/2=accepted"),
        ("По заявке N 612 сообщаем об отказе в исполнении", "update 612=declined"),
        ("Повідомляємо про прибуття бригади за заявкою 77", "update 77=on_site"),
        ("Сообщаем о прибытии мастера на 14:00 по заявке 77", "note 77"),
        ("Сообщаем о переносе выезда по заявке 77", "note 77"),
    ],
)
def test_an_office_reports_with_nouns(text: str, expected: str) -> None:
    assert told("", text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Как только привезут ключ - сразу выезжаю. Заявка 288.", "note 288"),
        ("Заявка 288: как только получили ключ, сразу едем", "update 288=en_route"),
        ("Заявка 752. Вчера зря отписался, что закончил. Сегодня снова на месте.", "update 752=on_site"),
        ("Заявки 330-333 прийняті, окрім 332: її скасував мешканець", "update 330=accepted 331=accepted 333=accepted"),
        ("Майстер виїхав. Про яку заявку ви питали, 418 чи 481?", "triage"),
    ],
)
def test_what_is_awaited_or_taken_back_changes_nothing(text: str, expected: str) -> None:
    assert told("", text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Заявка 8420 больше не актуальна, снимаем её.", "update 8420=cancelled"),
        ("Заявку 8420 знімаємо, мешканка передумала", "update 8420=cancelled"),
        ("Заявка 8420: крышка прикипела, снимаем её", "update 8420=on_site"),
        ("Отозвали заявку 615: не нужна, протечку устранили своими силами", "update 615=cancelled"),
        ("Наш поезд отменили, поэтому едем машиной: по заявке 1163 экипаж выехал", "update 1163=en_route"),
        ("Заявку 1023 скасовано: мешканка повідомила, що вода вже є.", "update 1023=cancelled"),
        ("Заявку 773 получили, но принять её в работу не можем", "update 773=declined"),
        ("Відмовляємось від заявки 921. Усі бригади зайняті на об'єкті в Дніпрі.", "update 921=declined"),
        ("Заявка 773 нами не принята: чиллеры там ведёт другая организация", "update 773=declined"),
    ],
)
def test_a_request_ends_by_what_is_said_of_it_and_not_of_the_reason(text: str, expected: str) -> None:
    assert told("", text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("По заявке 431 выехала вторая машина с насосом", "update 431=en_route"),
        ("Заявка 551. Інженер Пархоменко в лікарні з 11-ї, зараз розбирає датчик.", "update 551=on_site"),
        ("Заявка 551: інструмент уже на базі, миємо", "note 551"),
        ("Поз. 2 заявки 120 | Лестница Б | работаем на месте", "update 120/2=on_site"),
        ("по заявкі 314 брыгада вийхала, скоко ехать не знаю", "update 314=en_route"),
        ("Заявка 314: выехали, не знаю", "note 314"),
        ("Заявки 1320 та 1321 плануємо на четвер.\n\nОдеса, вул. Балківська, 130/1", "note 1320 1321"),
    ],
)
def test_the_crew_is_known_however_it_is_written(text: str, expected: str) -> None:
    assert told("", text) == expected
