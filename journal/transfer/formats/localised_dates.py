"""Dates in words of many languages, such as "Sunday, 17 December 2023" or "2023年12月17日": the day, as far
as it can be told."""

import re
import unicodedata
from datetime import date

# The beginnings of the names of the months, as far as they tell them apart; by language.
NAMES = (
    "jan feb mar apr may jun jul aug sep oct nov dec",  # English
    "jän feb mär apr mai jun jul aug sep okt nov dez",  # German
    "janv fév mars avr mai juin juil août sept oct nov déc",  # French
    "ene feb mar abr may jun jul ago sep oct nov dic",  # Spanish
    "gen feb mar apr mag giu lug ago set ott nov dic",  # Italian
    "jan fev mar abr mai jun jul ago set out nov dez",  # Portuguese
    "jan feb maa apr mei jun jul aug sep okt nov dec",  # Dutch
    "jan feb mar apr maj jun jul aug sep okt nov dec",  # Swedish, Danish
    "jan feb mar apr mai jun jul aug sep okt nov des",  # Norwegian
    "tammi helmi maalis huhti touko kesä heinä elo syys loka marras joulu",  # Finnish
    "sty lut mar kwi maj cze lip sie wrz paź lis gru",  # Polish
    "led úno bře dub kvě červn červenc srp zář říj list pros",  # Czech
    "jan feb mar apr máj jún júl aug sep okt nov dec",  # Slovak
    "jan feb már ápr máj jún júl aug szept okt nov dec",  # Hungarian
    "ian feb mar apr mai iun iul aug sept oct noi dec",  # Romanian
    "sij velj ožu tra svi lip srp kol ruj lis stu pro",  # Croatian
    "gen febr març abr maig juny jul ag set oct nov des",  # Catalan
    "oca şub mar nis may haz tem ağu eyl eki kas ara",  # Turkish
    "янв фев мар апр мая июн июл авг сен окт ноя дек",  # Russian
    "січ лют бер квіт трав черв лип серп вер жовт лист груд",  # Ukrainian
    "ιαν φεβ μαρ απρ μαΐ ιουν ιουλ αυγ σεπ οκτ νοε δεκ",  # Greek
    "ינו פבר מרץ אפר מאי יונ יול אוג ספט אוק נוב דצמ",  # Hebrew
    "ينا فبر مار أبر ماي يون يول أغس سبت أكت نوف ديس",  # Arabic
    "जन फ़र मार्च अप्रै मई जून जुला अग सित अक्टू नव दिस",  # Hindi
    "januari februari maret april mei juni juli agustus september oktober november desember",  # Indonesian
)
BUDDHIST_YEARS = 543  # Thai dates are this far ahead
THAI = "มกรา กุมภา มีนา เมษา พฤษภา มิถุนา กรกฎา สิงหา กันยา ตุลา พฤศจิกา ธันวา"
NUMBER = re.compile(r"\d+")
NUMBERS_ONLY = re.compile(r"(\d{4})\s*[年년./-]\s*(\d{1,2})\s*[月월./-]\s*(\d{1,2})")
VIETNAMESE = re.compile(r"(\d{1,2}) tháng (\d{1,2})\D{1,8}(\d{4})")
WORD = re.compile(r"[^\s\d,.;،]+")
HEBREW_IN = "ב"  # the word "in", written together with the month


def parse(text: str) -> date | None:
    """The day, or None if no month is recognised or there is no such day."""
    text = unicodedata.normalize("NFC", text[:200]).lower()
    try:
        return _numeric(text) or _worded(text)
    except ValueError:
        return None


def _numeric(text: str) -> date | None:
    if found := NUMBERS_ONLY.search(text):
        return date(int(found[1]), int(found[2]), int(found[3]))
    if found := VIETNAMESE.search(text):
        return date(int(found[3]), int(found[2]), int(found[1]))
    return None


def _worded(text: str) -> date | None:
    numbers = NUMBER.findall(text)
    years = [int(number) for number in numbers if len(number) == 4]
    days = [int(number) for number in numbers if len(number) < 3]
    if len(years) != 1 or len(days) != 1:
        return None
    if month := _month(text, (THAI,)):
        return date(years[0] - BUDDHIST_YEARS, month, days[0])
    month = _month(text, NAMES)
    return date(years[0], month, days[0]) if month else None


def _month(text: str, languages: tuple[str, ...]) -> int | None:
    """The month that a word begins with; None if languages disagree. A day of the week, such as the French
    mardi, may look like a month, so the words beside the day's number count first."""
    for words in _candidates(text):
        found = {
            number
            for names in languages
            for number, name in enumerate(names.split(), 1)
            if any(word.removeprefix(HEBREW_IN).startswith(name) for word in words)
        }
        if len(found) == 1:
            return found.pop()
    return None


def _candidates(text: str) -> list[list[str]]:
    """The words next to the day's number, first those between it and the year; then all words."""
    day = re.search(r"(?<!\d)\d{1,2}(?!\d)", text)
    year = re.search(r"\d{4}", text)
    if not day or not year:
        return []
    between = text[min(day.end(), year.end()) : max(day.start(), year.start())]
    before = WORD.findall(text[: day.start()])[-1:]
    return [WORD.findall(between), before, WORD.findall(text)]
