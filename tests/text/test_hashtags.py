"""Which words of a text are tags, and what becomes of them under another name."""

import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journal.text import markdown, tag_names
from journal.text.analysis import Source, analyse
from journal.text.hashtags import found, is_one, renamed

EXAMPLES = settings(max_examples=200, derandomize=True, database=None)

SCRIPTS = {
    "Latin": ("Un jour #été, puis l'hiver.", "été"),
    "decomposed Latin": ("Un jour #e\u0301te\u0301 ici", "été"),
    "German": ("Auf der #Straße.", "Straße"),
    "Turkish": ("Bugün #İstanbul'da", "İstanbul"),
    "Vietnamese": ("Ở #ĐàNẵng!", "ĐàNẵng"),
    "Greek": ("Σήμερα #Ελλάδα;", "Ελλάδα"),
    "Russian": ("Это #дневник.", "дневник"),
    "Georgian": ("ეს #დღიური.", "დღიური"),
    "Armenian": ("Սա #օրագիր։", "օրագիր"),
    "Hebrew": ("יום #עִבְרִית טוב", "עִבְרִית"),
    "Arabic": ("يوم #مذكّرات، جميل", "مذكّرات"),
    "Persian": ("امروز #می\u200cنویسم.", "می\u200cنویسم"),
    "Hindi": ("आज #हिन्दी।", "हिन्दी"),
    "Bengali": ("আজ #বাংলা।", "বাংলা"),
    "Tamil": ("இன்று #தமிழ்.", "தமிழ்"),
    "Tibetan": ("#བོད་ཡིག།", "བོད་ཡིག"),
    "Thai": ("วันนี้ #ความสุข มาก", "ความสุข"),
    "Khmer": ("ថ្ងៃ #ខ្មែរ ។", "ខ្មែរ"),
    "Burmese": ("ဒီနေ့ #မြန်မာ။", "မြန်မာ"),
    "Amharic": ("ዛሬ #አማርኛ።", "አማርኛ"),
    "Korean": ("오늘 #한국어 공부", "한국어"),
    "Chinese": ("今天去了#北京，很好。", "北京"),
    "Japanese": ("今日は＃京都・嵐山！", "京都・嵐山"),
}


@pytest.mark.parametrize("script", SCRIPTS)
def test_words_of_every_script_are_tags(script: str) -> None:
    text, tag = SCRIPTS[script]
    assert found(text) == [tag]
    assert is_one(tag)


@pytest.mark.parametrize(
    ("text", "tags"),
    [
        ("#walk", ["walk"]),
        ("#walk, #rain. (#home) “#work”", ["walk", "rain", "home", "work"]),
        (
            "**#bold** _#slanted_ ~~#gone~~ [#linked](https://example.org/#no)",
            ["bold", "slanted", "gone", "linked"],
        ),
        ("#first_draft #to-do #e-mail- #_no #-no", ["first_draft", "to-do", "e-mail"]),
        ("#2024 #1 #12-3 #१२३ #1️⃣ #1st #3d #year2024", ["1st", "3d", "year2024"]),
        ("#fff #FFFFFF #aabbcc #20587a #1a1 #20587a80", []),
        ("#dad #cafe #decade #abba #beef", ["dad", "cafe", "decade", "abba", "beef"]),
        ("C# F#m a#b _#ok", ["ok"]),
        ("#Walk #walk #WALK", ["Walk"]),
        ("##twice #a#b #话题#今天", ["a", "话题"]),
        ("\\#escaped &#x2014; &#8212;", []),
        ("# heading\n## another with #tag", ["tag"]),
        ("#at the start\n\ttab\n- #item\n> #quoted\n1. #numbered", ["at", "item", "quoted", "numbered"]),
        ("Today:#rain", ["rain"]),
        ("#❤ #❤️ #(x) # #", ["❤"]),
        ("#🎉party #rain🌧️ #👩🏽‍🚀 #🇩🇪 #1️⃣", ["🎉party", "rain🌧️", "👩🏽‍🚀", "🇩🇪"]),
        ("#don't #london's #LONDON’S #d'Artagnan's #it's", ["don", "london", "d'Artagnan", "it"]),
        ("#rock'n'roll #Drum’n’Bass #rock'n'roll's", ["rock'n'roll", "Drum’n’Bass"]),
        ("#сім'я #сім’я #п’ять", ["сім'я", "п’ять"]),
        (
            "#l'été #l’été #qu'on #aujourd'hui #dell'arte #O'Brien",
            ["l'été", "qu'on", "aujourd'hui", "dell'arte", "O'Brien"],
        ),
        ("#צה״ל #ג'ירפה #c'hoari '#quoted' #end'", ["צה״ל", "ג'ירפה", "c'hoari", "quoted", "end"]),
        ("#book/fiction, #work/home/desk. #book/ #a//b", ["book/fiction", "work/home/desk", "book", "a"]),
        ("#2024/05 #1/2 #3/a", ["3/a"]),
        ("今天ㄅㄆ#ㄇㄈ，#注音", ["ㄇㄈ", "注音"]),
        (f"#{'x' * 60} #{'y' * 61}", ["x" * 60]),
        ("#a\u200bb #c\u00add", ["a", "c"]),
    ],
)
def test_a_hashtag_is_one_word_with_a_letter_in_it(text: str, tags: list[str]) -> None:
    assert found(text) == tags


@pytest.mark.parametrize(
    "text",
    [
        "`#no`",
        "``#no ` #no``",
        "```\n#no\n```",
        "~~~ python\n#no\n\n#no\n~~~~",
        "> ```\n> #no\n> ```",
        "- ```\n  #no\n  ```",
        "```\n#never closed",
        "https://example.org/#no",
        "https://example.org/a?b=#no-one",
        "(https://example.org/#no)",
        "[words](#no)",
        "[words](/attachments/1#no)",
        "mailto:a@example.org?subject=#no",
        "ftp://example.org/#no",
    ],
)
def test_nothing_in_code_or_in_an_address_is_one(text: str) -> None:
    assert found(text) == []
    assert found(f"{text}\n```\n\n#yes") in (["yes"], [])
    assert found(f"#yes and {text}")[0] == "yes"


@pytest.mark.parametrize(
    "text",
    [
        "`unclosed #yes",
        "`a` #yes `b`",
        "``` inline ``` #yes",
        "```\ncode\n```\n#yes",
        "> ```\n> code\n\n#yes",
        "words\n    #yes",
        "words\n\n    #yes",
        "\t#yes",
        "- item\n\n    #yes",
        "https://example.org/a，#yes",
        "<https://example.org/> #yes",
        "`a\n\n#yes`",
    ],
)
def test_what_only_looks_like_code_is_words(text: str) -> None:
    assert found(text) == ["yes"]


PIECES = ["#tag", "`", "``", "```", "~~~", "\n", "\n\n", " ", "    ", "\t", "word", "> ", "- ", "1. "]


@EXAMPLES
@given(st.lists(st.sampled_from(PIECES), max_size=14).map("".join))
def test_code_is_where_markdown_finds_it_in_most_texts(text: str) -> None:
    """Never a tag that the page shows as code alone, wherever blocks are not nested."""
    if re.search(r"^[ \t]*(>|-|1\.)|\t", text, re.MULTILINE):
        return
    html = markdown.render(text, "x")
    visible = re.sub(r"<pre.*?</pre>|<code.*?</code>", "", html, flags=re.DOTALL)
    assert bool(found(text)) == bool(found(re.sub("<[^>]*>", " ", visible)))


def test_field_and_text_make_one_list() -> None:
    source = Source("", "#home #e\u0301te\u0301 #rain", ["Home", "été"])
    assert list(analyse(source, None).tags.values()) == ["Home", "été", "rain"]
    assert analyse(Source("", "", []), None).tags == {}


def test_a_text_gives_no_more_tags_than_an_entry_may_have() -> None:
    text = " ".join(f"#tag{n}" for n in range(80))
    assert found(text) == [f"tag{n}" for n in range(tag_names.COUNT)]


LONG = ["#" * 999_999, " #a" * 300_000, "#1 " * 300_000, "`" * 500_000 + "#", " #a `" * 200_000]
LONG += [
    "```\n" * 200_000 + "#",
    "#" + "a" * 999_999,
    "# ](" * 250_000,
    "#" + "a:" * 400_000,
    "- " * 400_000 + "#",
    ("#" + "a'" * 118 + "ab ") * 1_260,
    ("#" + "м’" * 118 + "ab ") * 1_260,
]


@pytest.mark.parametrize("text", LONG, ids=[text[:6] for text in LONG])
def test_no_text_takes_long(text: str) -> None:
    began = time.process_time()
    found(text)
    renamed(text, "a", "b")
    assert time.process_time() - began < 2


@pytest.mark.parametrize(
    ("text", "new", "after"),
    [
        ("a #Old, #old. #older #old-er (#OLD)", "new", "a #new, #new. #older #old-er (#new)"),
        ("`#old` https://example.org/#old x#old", "new", "`#old` https://example.org/#old x#old"),
        ("今天#old。#old#", "新", "今天#新。#新#"),
        ("#old", "two words", "#old"),
        ("#old", "2024", "#old"),
        ("#old", "fff", "#old"),
        ("", "new", ""),
    ],
)
def test_renaming_changes_the_hashtags_alone(text: str, new: str, after: str) -> None:
    assert renamed(text, "old", new) == after


@EXAMPLES
@given(st.lists(st.sampled_from([*PIECES, "#old", "#Old", "#新", "，"]), max_size=12).map("".join))
def test_after_renaming_the_old_name_is_gone_and_back_again_it_is_the_same(text: str) -> None:
    text = text.replace("#Old", "#old")
    there = found(text)
    after = renamed(text, "old", "neu")
    assert found(after) == ["neu" if tag == "old" else tag for tag in there]
    assert renamed(after, "neu", "old") == text
