"""Sentences with the words of a status that tell none of the request: each must change nothing."""

import pytest

from tests.letters.told import told

OTHER_THINGS = """
По заявке 501 инженер принял новую должность.
По заявці 501: плата керування виїхала з Варшави, в дорозі, на митниці буде 24-го.
Срок по заявке 501: датчик уже отгружен и находится в пути, прибудет к нам 27 ноября.
Запчасть по заявке 501 выехала со склада поставщика, ждём её в среду.
Сотрудник СДЭК с датчиком по заявке 501 уже у вас на проходной, примите посылку.
У вас в подвале сейчас работает бригада водоканала, вскрыли колодец. К заявке 501 приступим после них.
Заявка 501: прийняли запрошення на нараду.
Заявка 501: приняли участие в совещании.
Request 501: the pump has left the factory and should reach us on Thursday.
Request 501: your invoice has been accepted by our accounts.
Request 501: the courier has arrived with the relay at our office.
Request 501: the gate was closed when we rang you this morning, so we have not set out.
Request 501: engineer left you a voicemail, please ring back.
Request 501: delivery en route, team waits for it.
Request 501: our manager has left the company, please write to Anna from now on.
Request 501: tenant has completed the questionnaire, see attached.
Request 501: our supplier declined the order, we look for another.
Request 501: done with the estimate, please approve.
Request 501: there is one hour left before the shop closes.
Request 501: report finished and sent to your office.
Request 501: cancelled flights keep our specialist in Vienna.
По заявке 501 договор расторгнут, новый подпишем на неделе.
По заявке 501 поставщик отказал, ищем другого.
По заявке 501 отчёт готов, отправил на почту.
По заявке 501 план работ принят, начало в среду.
По заявці 501 охоронець прийняв ключі.
По заявці 501 доставку деталі скасовано, шукаємо тут.
По заявке 501 пропуск отклонён, оформите заново.
По заявке 501 встреча отменена, работы по плану.
По заявке 501 машина готова, ждём водителя.
По заявке 501 отказало реле, едем за новым.
По заявке 501 арендатор отменил бронь переговорной, можно приехать раньше.
По заявке 501 закончилась краска, поехали в магазин.
По заявці 501 насос виїхав зі складу, привезуть завтра.
По заявці 501 закрито доступ у підвал, чекаємо ключ.
По заявці 501 відмовило реле, їдемо за новим.
По заявці 501 кабель прийшов не той, повернули постачальнику.
"""
OTHER_TIMES = """
Request 501: last month we finished the same job in your other building.
Request 501: we are about to leave the depot.
Request 501: crew will be done with another site at noon, then yours.
Request 501: if nobody objects we arrive tomorrow at 9.
Request 501: as soon as the permit is accepted, we set off.
Request 501: works to be completed by 20 November according to the contract.
По заявке 501 замер выполнен, смета будет завтра.
По заявці 501 майстер ще на іншому об'єкті, до вас після обіду.
По заявке 501 в прошлый раз закончили за час, сейчас посмотрим.
По заявке 501 бригада закончит на соседнем объекте и выедет к вам.
По заявке 501 сделали половину, остальное завтра.
По заявці 501 виїжджаємо завтра о 8.
По заявці 501 водій поїхав на обід, потім до вас.
Еду по заявке 501 не раньше понедельника.
We expect REQ-501 to be completed and the crew off site by Friday evening.
Request 501. I know you had already accepted it and someone was going to come on Friday.
Щодо заявки 501: чи потрібна перепустка? Останнього разу охорона не пустила, прибули й постояли під воротами.
The crew for request 501 is scheduled for Tuesday 17 March, 9:00-11:00.
Заявку 501 поставили в план на середу, до вечора маємо завершити.
Приехали по заявке 501, никого нет, поехали домой.
Заявка 501. Торік ми вже закривали вам подібне, бригада тоді приїхала, зробила за годину й поїхала.
Заявка 501. Меры предприняты: дорожку у входа оградим до начала работ.
Заявку 501 поставили в план на п'ятницю.
Такая же течь по заявке 501 была в марте: мы тогда приехали, поменяли вставку и уехали.
Лифт в работе, по заявке 501 смотрим дальше.
If the landlord signs the form today, we will be on site by noon tomorrow and finished before four. Request 501.
The pump for request 501 has been accepted.
"""
OTHERS_WORDS = """
Request 501: your guard said the crew had left, we have nobody there today.
Request 501: has your electrician left already?
Request 501: we were told that the repair is finished, is that so?
По заявке 501 прошу подтвердить, что работы приняты.
По заявці 501 минула бригада все кинула й поїхала.
По заявке 501 охрана говорит, что наши уехали, а мы ещё и не приезжали.
По заявці 501 ваш електрик уже поїхав?
Вы просили подтвердить, что бригада выехала по заявке 501. Уточняю у бригадира.
You asked us to confirm that the crew has left for request 501. I am checking.
Вчера по соседнему дому бригада закончила и уехала, а по вашей заявке 501 пока новостей нет.
По заявке 501 мы отказались от подъёмника, будем с лесов в четверг
По заявке 501: "бригада выехала" - это я ошибся письмом, извините
По заявке 501 машина подрядчика "Лифтремонт" приехала раньше нас, что нам делать?
По заявці 501 бригада приїхала б, але перепустки не готові
Вы просили написать "принято" по заявке 501, но без сметы я ничего подтвердить пока не могу.
Request 501: please don't mix us up with the scaffolders - it was they who arrived at your gate today.
The x-ray tube for request 501 has left Hamburg and arrived at Dublin customs this morning.
До заявки 501: посилку з гальмом прийнято у відділенні, прибула о 12:00, забрати можна до 18-го.
Електрики з "Вольта" сьогодні прибули на цей самий поверх, тож по нашій заявці 501 поки без змін.
Трубка по заявке 501 прибыла на таможню, декларацию приняли, выпуск обещают в четверг.
The compressor for request 501 has arrived at our depot and was accepted by goods-in.
I've no idea why your guard thinks we cancelled request 501.
The compressor for request 501 has left our factory and is on its way to your contractor.
Нас не приняли на объекте по заявке 501: нет списка
Заявка 501. Техник отказался лезть на крышу в дождь, перенос на завтра
По заявке 501 сделали всё, что зависело от нас, остальное за вами
Допустим, заявку 501 мы приняли. Кто оплатит подъёмник?
Статус заявки 501 "Выполнена" некорректен, прошу вернуть в "Принята"
По заявці 501 клієнт відмовився пускати майстра без документів
По заявке 501 машина выехала за краном, кран привезут завтра
По заявке 501 котёл запустили, но давление падает, ищем
Водій по заявці 501 поїхав на заправку
По заявке 501 жильцы приехали с дачи, можно заходить
По заявці 501 бригада обіцяла бути о 12, зараз 14, нікого
The roofers, who are not ours, have arrived at the building this morning. Request 501 stays planned for Monday.
For the record on request 501, the landlord's own roofer came on Tuesday, shrugged and left.
Наш партнер, який тягнув кабель по своєму договору, роботи завершив і поїхав. Ми по заявці 501 ще не приступали.
Заявка 501. Завтра с утра выедем, сегодня все на аварии в Мытищах. Там бригада на месте с ночи.
Заявка 501: плату отгрузили с завода, машина с ней выехала из Милана и будет на таможне 22 мая.
По заявке 501 планово выезжаем 1 декабря
Ждите по заявке 501 курьера, он выехал с пультами
По заявке 501 слесарь уехал вчера в Одессу, вернётся в среду
По заявке 501 ждали до 18:00, никто не пришёл, уехали
Сантехники горводоканала, которые были до нас, уже уехали. По заявке 501 новостей нет.
Заявка 501, ждём подтверждения. Работы выполнены в срок - наш девиз!
По заявке 501 сотрудник принял у нас ключи и ушёл, завтра вернётся
По заявці 501 надійшла відмова від страхової
"""


@pytest.mark.parametrize("text", OTHER_THINGS.strip().splitlines())
def test_what_happens_to_another_thing_changes_nothing(text: str) -> None:
    assert told("", text) == "note 501"


@pytest.mark.parametrize("text", OTHER_TIMES.strip().splitlines())
def test_what_is_planned_or_was_before_changes_nothing(text: str) -> None:
    assert told("", text) == "note 501"


@pytest.mark.parametrize("text", OTHERS_WORDS.strip().splitlines())
def test_what_others_say_or_are_asked_changes_nothing(text: str) -> None:
    assert told("", text) == "note 501"
