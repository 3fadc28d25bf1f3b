"""What is sold in the demo, by whom, and what people write to each other about it."""

from dataclasses import dataclass
from typing import Final

from marketplace.terms import Category


@dataclass(frozen=True, slots=True)
class Ware:
    """One sort of thing: what it is called, what is said of it, and from how much to how much euro it costs."""

    category: Category
    title: str
    text: str
    least: int
    most: int
    language: str = "lv"


_C = Category

WARES: Final = (
    Ware(_C.HOME, "Ozolkoka galds", "Masīvs galds, 160 x 80 cm, dažas skrambas uz virsmas.", 60, 240),
    Ware(_C.HOME, "Četri virtuves krēsli", "Stabili krēsli, nesen pārkrāsoti.", 30, 90),
    Ware(_C.HOME, "Grāmatplaukts", "Balts plaukts ar pieciem plauktiem, var izjaukt.", 15, 60),
    Ware(_C.HOME, "Linu galdauts", "Austs Latgalē, nelietots, 140 x 220 cm.", 20, 45),
    Ware(_C.HOME, "Zāles pļāvējs", "Benzīna, ieeļļots un pārbaudīts pavasarī.", 70, 190),
    Ware(_C.HOME, "Garden bench", "Wooden, some moss, needs oil before summer.", 25, 80, "en"),
    Ware(_C.ELECTRONICS, "Klēpjdators 14 collas", "16 GB atmiņa, akumulators tur piecas stundas.", 180, 520),
    Ware(_C.ELECTRONICS, "Bezvadu austiņas", "Strādā labi, kastīte saglabāta.", 15, 70),
    Ware(_C.ELECTRONICS, "Ledusskapis", "Augstums 185 cm, kluss, atdodam pārcelšanās dēļ.", 60, 180),
    Ware(_C.ELECTRONICS, "Настольная лампа", "Тёплый свет, регулируется яркость.", 8, 25, "ru"),
    Ware(_C.CLOTHES, "Ziemas jaka", "Izmērs M, silta, vilkta divas ziemas.", 20, 75),
    Ware(_C.CLOTHES, "Vilnas džemperis", "Adīts ar rokām, izmērs L.", 25, 60),
    Ware(_C.CLOTHES, "Gumijas zābaki", "42. izmērs, neplīsuši.", 5, 20),
    Ware(_C.CLOTHES, "Running shoes", "Size 41, worn for one season on soft ground.", 15, 40, "en"),
    Ware(_C.CHILDREN, "Bērnu gultiņa", "Ar matraci, 120 x 60 cm, no dzimšanas līdz trim gadiem.", 40, 110),
    Ware(_C.CHILDREN, "Ragavas", "Koka ragavas ar atzveltni, gaida sniegu.", 10, 35),
    Ware(_C.CHILDREN, "Lego kaste", "Trīs kilogrami, dažādi komplekti sajaukti.", 25, 70),
    Ware(_C.CHILDREN, "Детская коляска", "Складывается одной рукой, есть дождевик.", 50, 160, "ru"),
    Ware(_C.SPORT, "Slēpes ar nūjām", "Garums 195 cm, klasiskais solis.", 30, 90),
    Ware(_C.SPORT, "Telts diviem", "Ūdensnecaurlaidīga, lietota trīs reizes.", 35, 95),
    Ware(_C.SPORT, "Makšķere", "Spiningošanai, ar spoli un kasti.", 20, 80),
    Ware(_C.SPORT, "SUP dēlis", "Piepūšamais, ar airi un sūkni.", 120, 260),
    Ware(_C.BICYCLES, "Pilsētas velosipēds", "28 collas, trīs ātrumi, jaunas riepas.", 90, 280),
    Ware(_C.BICYCLES, "Kalnu velosipēds", "Rāmis L, hidrauliskās bremzes.", 180, 640),
    Ware(_C.BICYCLES, "Bērnu velosipēds", "16 collas, ar palīgriteņiem.", 25, 70),
    Ware(_C.VEHICLES, "Ziemas riepas", "205/55 R16, četras, protektors 6 mm.", 60, 180),
    Ware(_C.VEHICLES, "Jumta bagāžnieks", "Der lielākajai daļai universāļu.", 40, 120),
    Ware(_C.VEHICLES, "Piekabe", "Viena ass, pieļaujamā masa 750 kg, tehniskā apskate kārtībā.", 350, 900),
    Ware(_C.BOOKS, "Latviešu dzejas izlase", "Cietie vāki, bez atzīmēm.", 4, 15),
    Ware(_C.BOOKS, "Ģitāra", "Klasiskā, pilna izmēra, ar somu.", 45, 150),
    Ware(_C.BOOKS, "Vinila plates", "Desmit plates, astoņdesmitie gadi.", 20, 60),
    Ware(_C.BOOKS, "Учебник латышского языка", "Уровень А1, с ключами.", 5, 12, "ru"),
    Ware(_C.TOOLS, "Urbjmašīna", "Ar diviem akumulatoriem un koferi.", 40, 130),
    Ware(_C.TOOLS, "Malkas skaldītājs", "Elektrisks, 7 tonnas.", 150, 320),
    Ware(_C.TOOLS, "Bruģakmens", "Palikuši pieci kvadrātmetri, pelēks.", 20, 60),
    Ware(_C.ANIMALS, "Kaķu māja", "Ar nagu asināmo stabu.", 10, 35),
    Ware(_C.ANIMALS, "Ābeļu stādi", "Divgadīgi, šķirne Antonovka.", 6, 18),
    Ware(_C.ANIMALS, "Aquarium", "120 litres with filter and lamp, no fish included.", 40, 110, "en"),
    Ware(_C.HANDICRAFT, "Māla krūze", "Dedzināta melnajā ceplī.", 8, 22),
    Ware(_C.HANDICRAFT, "Adīti cimdi", "Vidzemes raksti, dažādi izmēri.", 15, 35),
    Ware(_C.HANDICRAFT, "Akvarelis ar jūru", "Ierāmēts, 30 x 40 cm.", 30, 120),
    Ware(_C.OTHER, "Pārvākšanās kastes", "Divdesmit kastes, lietotas vienreiz.", 0, 15),
    Ware(_C.OTHER, "Svētku lampiņas", "Desmit metri, der ārā.", 5, 20),
)

REMARKS: Final = {
    "lv": ("Labā stāvoklī.", "Maz lietots.", "Var apskatīt vakaros.", "Pārdodu, jo pārceļos.", "Cena runājama."),
    "en": ("In good order.", "Hardly used.", "To be seen in the evening.", "I am moving house."),
    "ru": ("В хорошем состоянии.", "Почти новое.", "Можно посмотреть вечером.", "Продаю из-за переезда."),
}

QUESTIONS: Final = {
    "lv": ("Labdien! Vai vēl ir pieejams?", "Sveiki, vai varat pateikt precīzus izmērus?", "Vai cena ir galīgā?"),
    "en": ("Hello, is it still there?", "Could you tell me the exact size?", "Would you take a little less?"),
    "ru": ("Здравствуйте, ещё продаёте?", "Подскажите точные размеры?", "Торг уместен?"),
}
"""What a buyer asks first."""
ANSWERS: Final = {
    "lv": ("Jā, varat apskatīt sestdien.", "Nedaudz varu piekāpties.", "Jā, viss ir kā aprakstā.", "Pagaidām nezinu."),
    "en": ("Yes, you can see it on Saturday.", "I can go down a little.", "Yes, all is as described."),
    "ru": ("Да, можно посмотреть в субботу.", "Немного уступлю.", "Да, всё как в описании."),
}
"""What a seller says."""
REPLIES: Final = {
    "lv": ("Paldies! Un vai var piegādāt?", "Labi, sarunāts.", "Padomāšu un uzrakstīšu.", "Varu atbraukt pēc darba."),
    "en": ("Thank you! Could you send it?", "Good, agreed.", "Let me think about it."),
    "ru": ("Спасибо! А доставить можете?", "Договорились.", "Подумаю и напишу."),
}
"""What a buyer says then."""

HER_NAMES: Final = ("Inese", "Kristīne", "Ilze", "Baiba", "Sanita", "Agnese", "Vita", "Laura", "Evija", "Daiga", "Ieva")
HIS_NAMES: Final = ("Andris", "Juris", "Guntis", "Kaspars", "Raivis", "Aivars", "Normunds", "Uldis", "Ēriks", "Oskars")
FAMILIES: Final = (
    ("Kalniņa", "Kalniņš"),
    ("Eglīte", "Eglītis"),
    ("Zariņa", "Zariņš"),
    ("Vanaga", "Vanags"),
    ("Krūmiņa", "Krūmiņš"),
    ("Balode", "Balodis"),
    ("Siliņa", "Siliņš"),
    ("Kārkliņa", "Kārkliņš"),
    ("Rozīte", "Rozītis"),
)
"""Of a woman and of a man."""
