"""How offices, foremen and dictated notes put what has happened, in Ukrainian and Russian."""

import pytest

from tests.letters.told import told


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("По 4410 відбій, мешканці самі полагодили", "update 4410=cancelled"),
        (
            "Замовник відмовився від виконання робіт за заявкою 441, заявку закрито без виконання.",
            "update 441=cancelled",
        ),
        ("Заявку 441 знімаємо з виконання за вашим дзвінком", "update 441=cancelled"),
        ("Заявка 441 отменилась, хозяин нашёл ключи", "update 441=cancelled"),
        ("Заявку 441 закрыто без выполнения", "note 441"),
        ("Заявку 441 вынуждены вернуть: оборудование не на гарантии", "update 441=declined"),
        ("По заявці 441 допомогти не зможемо, таких фахівців немає", "update 441=declined"),
        ("Заявка 441 не наша, дверями не занимаемся", "update 441=declined"),
        ("Заявка 903 переадресована в сервисный центр «Отис»", "update 903=sent"),
        ("заявка 550 ещё в работе у логистов, машины нет", "note 550"),
        ("Вашу заявку 174 взято на опрацювання.", "update 174=accepted"),
        ("Ліфт по заявці 201 запущено о 14:40, причина - датчик дверей.", "update 201=left"),
        ("Вчера по заявке 174 говорили, что приняли. Это не так, разбираемся", "note 174"),
        ("По 1742 відмова, на 1743 виїхав Коля", "update 1742=declined 1743=en_route"),
    ],
)
def test_how_an_office_ends_hands_on_and_corrects(text: str, expected: str) -> None:
    assert told("", text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("По заявке 805 электромонтёр вышел с подстанции, идёт к вам пешком", "update 805=en_route"),
        ("Дорогою до вас по заявці 805, затримка 15 хв", "update 805=en_route"),
        ("По заявці 805 заїхали на територію, оформляємо перепустки", "update 805=on_site"),
        ("Работы по заявке 805 ведутся с 10 утра", "update 805=on_site"),
        ("Бригада працює за заявкою 805, завершення о 17:00", "update 805=on_site"),
        ("Заявка 805: стоим у шлагбаума, пропустите", "note 805"),
        ("Лічильник за заявкою 805 встановлено та опломбовано, акт додаю.", "update 805=left"),
        ("по 805 ми пас, немає людей до кінця місяця", "update 805=declined"),
        ("Заявка 805 не может быть принята к исполнению: лифт снят с обслуживания", "update 805=declined"),
        ("Заявка 805 не может быть выполнена без пропуска", "note 805"),
        ("заявка 805 более не требуется, снята", "update 805=cancelled"),
        ("По заявке 805 доступ более не требуется", "note 805"),
        ("На 8051 и 8052 выехали", "update 8051=en_route 8052=en_route"),
    ],
)
def test_the_way_the_work_and_its_end_in_other_words(text: str, expected: str) -> None:
    assert told("", text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("По заявці 620 машину відправили, номер АА1234ВХ", "update 620=en_route"),
        ("По заявке 620 машину отправили в ремонт", "note 620"),
        ("Заявка 6204: после 6203 сразу выдвинулись к вам", "update 6204=en_route"),
        ("Мы у вас, заявка 620, вызовите электрика", "update 620=on_site"),
        ("Заявка 620: кондиціонер почищено, заправлено, все працює.", "update 620=left"),
        ("заявочку 620 приняли, спасибо", "update 620=accepted"),
        ("Виконання заявки 620 неможливе: відсутній договір", "update 620=declined"),
        ("Выполнение заявки 620 невозможно без допуска", "note 620"),
        ("Заявка 620 - відміна від замовника, не їдемо", "update 620=cancelled"),
        ("Ваша заявка 620 направлена в подрядную организацию «Лифтсервис»", "update 620=sent"),
    ],
)
def test_machines_customers_and_contractors_are_known_by_their_names(text: str, expected: str) -> None:
    assert told("", text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("За заявкою 330 бригада у складі двох осіб виїхала о 06:45 з Полтави.", "update 330=en_route"),
        ("Заявка 330: бригада на складі, виїхала за насосом", "note 330"),
        ("За заявкою 330 розпочали, завершимо сьогодні", "update 330=on_site"),
        ("Заявка 330: замінили кабель, інтернет є", "update 330=left"),
        ("По заявке 330 двери смазали, принял завхоз", "update 330=left"),
        ("Сигналізацію за заявкою 330 відновлено, зв'язок з пультом є", "update 330=left"),
        ("Ваша заявка 330 исполнена в срок.", "update 330=left"),
        ("Наша организация не сможет выполнить работы по заявке 330", "update 330=declined"),
        ("На заявку 330 не маємо людей, шукайте інших", "update 330=declined"),
        ("По заявке 330 решили отказаться, не успеваем", "update 330=declined"),
        ("Ми не виконуємо такі роботи, тому заявку 330 повертаємо", "update 330=declined"),
        ("Заявку 330 возвращаем в работу", "note 330"),
        ("Заявку 330 відправили на субпідряд", "update 330=sent"),
        ("По 330 заявка ушла субподрядчику", "update 330=sent"),
        ("По заявке 330 инженер назначен, приедет в четверг", "update 330=accepted"),
        ("По заявке 330 инженер назначен на четверг", "note 330"),
    ],
)
def test_more_of_what_secretaries_write(text: str, expected: str) -> None:
    assert told("", text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("По заявці 271: думали, що не встигнемо, але вже на місці", "update 271=on_site"),
        ("Заявка 271: не работал насос, заменили конденсатор, теперь работает", "update 271=left"),
        ("Ми б з радістю, але заявку 271 не візьмемо, нема доступу", "update 271=declined"),
        ("Насос по заявке 271 ввели в строй, акт подписан", "update 271=left"),
        ("От заявки 271 отказываемся", "update 271=declined"),
    ],
)
def test_what_was_thought_or_wished_before_a_but_holds_nothing_back(text: str, expected: str) -> None:
    assert told("", text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Повідомляємо про виїзд аварійної бригади за заявкою № 587 о 14:20.", "update 587=en_route"),
        ("По заявке 587 мастер уже на маршруте", "update 587=en_route"),
        ("Заявка 587: взяли деталь на складе и едем к вам", "update 587=en_route"),
        ("Електрик до вас поїхав, це по заявці 587", "update 587=en_route"),
        ("По заявці 587 стоїмо під під'їздом, домофон не відповідає, код є?", "update 587=on_site"),
        ("Заявка 587: мы внутри", "update 587=on_site"),
        ("По заявке 587 установка фильтра произведена, протечек нет", "update 587=left"),
        ("Клиент снял заявку 587", "update 587=cancelled"),
        ("5870 - нет, 5871 - да, принимаем", "update 5870 5871=accepted"),
    ],
)
def test_the_foreman_and_the_office_report(text: str, expected: str) -> None:
    assert told("", text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("по заявкє 773 виїхалі у дорозє", "update 773=en_route"),
        ("по заявці 773 мастір вже їдить до вас", "update 773=en_route"),
        ("заявка 773 на мєстє", "update 773=on_site"),
        ("по заявці 773 ми вже на обєкті", "update 773=on_site"),
        ("по заявці 773 зварщик варить батарею", "update 773=on_site"),
        ("заявка 773 зробленно", "update 773=left"),
        ("заявка 773 прийнялі", "update 773=accepted"),
        ("заявка 773 ми таке не робимо", "update 773=declined"),
        ("заявку 773 отминили", "update 773=cancelled"),
        ("по заявці 773 нє виїхали бо нема бензіна", "note 773"),
        ("7713 отказываемся нет людей", "update 7713=declined"),
        ("на 7712 мы на месте а 7713 не берем", "update 7712=on_site 7713=declined"),
        ("добрались по 7713", "update 7713=on_site"),
        ("По заявке 773 копия договора заверена", "note 773"),
    ],
)
def test_words_spelt_by_ear_are_known(text: str, expected: str) -> None:
    assert told("", text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("По заявке 665 в работе принимает участие эксперт", "note 665"),
        ("Майстер прибув за адресою заявки 665, але там будинку нема", "note 665"),
        ("Після уточнення адреси заявку 665 прийняли", "update 665=accepted"),
        ("Після огляду від заявки 665 відмовляємось: потрібна заміна ліфта", "update 665=declined"),
        ("По заявке 665 переделали, замечания устранены", "update 665=left"),
        ("Заявку 665 перекинули на підрядника «Тепломонтаж»", "update 665=sent"),
    ],
)
def test_what_came_before_is_no_subject(text: str, expected: str) -> None:
    assert told("", text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("По заявке 947 дератизация проведена, акт у администратора.", "update 947=left"),
        ("По заявке 947 сообщаем: в обслуживании отказано ввиду задолженности.", "update 947=declined"),
        ("Після відбою тривоги виїхали до вас, заявка 947", "update 947=en_route"),
        ("Дерево по заявке 947 спилено и вывезено", "update 947=left"),
        ("Замок по заявке 947 вскрыли, личинку поставили новую, ключи хозяйке", "update 947=left"),
        ("Заявку 947 взяв Роман", "update 947=accepted"),
        ("Заявку 947 приняли на рассмотрение", "note 947"),
        ("Сегодня закончили поздно, поэтому на заявку 947 не успели", "note 947"),
        ("На заявку 947 вчера не успели, выехали сейчас", "update 947=en_route"),
    ],
)
def test_what_is_done_for_good_and_what_is_only_weighed(text: str, expected: str) -> None:
    assert told("", text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Мусор по заявке 377 вывезен, площадка чистая", "update 377=left"),
        ("Заявка 377 отказ по причине отсутствия запчастей", "update 377=declined"),
        ("Відміняємо заявку 377, дякуємо", "update 377=cancelled"),
        ("На заявку 377 поехал Степаныч на своей машине", "update 377=en_route"),
        ("У вас за заявкою 377 працюють двоє: Коваль і Бойко", "update 377=on_site"),
        ("Заявка 377: поставили, подключили, клиент доволен", "update 377=left"),
        ("По заявке 377 восстановили связь в 11:32, причина - обрыв оптики", "update 377=left"),
        ("заявка 377 у работі", "update 377=accepted"),
        ("заявку 377 не выполняем, нет договора на этот адрес", "update 377=declined"),
        ("Заявку 377 закриваємо як скасовану", "update 377=cancelled"),
        ("По заявке 377 на объекте 12 человек, отработано 96 ч.", "update 377=on_site"),
    ],
)
def test_who_set_out_who_works_and_what_was_restored(text: str, expected: str) -> None:
    assert told("", text) == expected
