"""What was typed, as conditions over a row's column `sought` (migration 0017): names, codes, addresses, pinyin.

Signs and blanks mean nothing, neither here nor there: what is left are letters and digits, so that no wildcard comes
from outside. A Chinese character stands twice on both sides, so that two of them are trigrams to the index.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from enum import IntEnum
from functools import cache

from psycopg import sql

from tiles.statement import Values


class Closeness(IntEnum):
    """How a row holds the words, the closest first."""

    WHOLE = 0
    BEGINNING = 1
    WITHIN = 2
    SIMILAR = 3


SIGNS = re.compile(
    "[\u0001-\u002f\u003a-\u0060\u007b-\u00bf\u2000-\u2bff\u3000-\u3004\u3008-\u3020\u3030\u30fb\ufe00-\ufe6f\ufff0-\uffff]+"
)
"""As in the migration; the letters A to Z are small by then."""
FIRST_IDEOGRAPH = "\u2e80"
LONGEST_SPELLED = 40
READINGS_TRIED = 7
SHORTEST_INDEXED = 3
SPELLED = """
a ai an ang ao ba bai ban bang bao bei ben beng bi bian biang biao bie bin bing bo bu ca cai can cang cao ce cen ceng
cha chai chan chang chao che chen cheng chi chong chou chu chua chuai chuan chuang chui chun chuo ci cong cou cu cuan
cui cun cuo da dai dan dang dao de dei den deng di dia dian diao die ding diu dong dou du duan dui dun duo e ei en eng
er fa fan fang fei fen feng fo fou fu ga gai gan gang gao ge gei gen geng gong gou gu gua guai guan guang gui gun guo
ha hai han hang hao he hei hen heng hong hou hu hua huai huan huang hui hun huo ji jia jian jiang jiao jie jin jing
jiong jiu ju juan jue jun ka kai kan kang kao ke ken keng kong kou ku kua kuai kuan kuang kui kun kuo la lai lan lang
lao le lei leng li lia lian liang liao lie lin ling liu lo long lou lu luan lun luo lv lve ma mai man mang mao me mei
men meng mi mian miao mie min ming miu mo mou mu na nai nan nang nao ne nei nen neng ni nian niang niao nie nin ning
niu nong nou nu nuan nun nuo nv nve o ou pa pai pan pang pao pei pen peng pi pian piao pie pin ping po pou pu qi qia
qian qiang qiao qie qin qing qiong qiu qu quan que qun ran rang rao re ren reng ri rong rou ru rua ruan rui run ruo sa
sai san sang sao se sen seng sha shai shan shang shao she shei shen sheng shi shou shu shua shuai shuan shuang shui
shun shuo si song sou su suan sui sun suo ta tai tan tang tao te teng ti tian tiao tie ting tong tou tu tuan tui tun
tuo wa wai wan wang wei wen weng wo wu xi xia xian xiang xiao xie xin xing xiong xiu xu xuan xue xun ya yan yang yao
ye yi yin ying yo yong you yu yuan yue yun za zai zan zang zao ze zei zen zeng zha zhai zhan zhang zhao zhe zhei zhen
zheng zhi zhong zhou zhu zhua zhuai zhuan zhuang zhui zhun zhuo zi zong zou zu zuan zui zun zuo
"""
"""The syllables of Chinese, without tones."""
SYLLABLES = frozenset(SPELLED.split())
BEGINNINGS = frozenset(one[:end] for one in SYLLABLES for end in range(1, len(one)))
INITIALS = ("zh", "ch", "sh", *"bpmfdtnlgkhjqxrzcsywaeo0123456789")
LONGEST_SYLLABLE = 6


def folded(text: str) -> str:
    """Letters and digits alone, small, of one width."""
    return SIGNS.sub("", unicodedata.normalize("NFKC", text).lower())


def condition(
    text: str, closeness: Closeness, sought: sql.Composable, values: Values
) -> sql.Composable | None:
    """Whether the text of a row holds the words so closely; None where no row can."""
    whole = folded(text)
    if not whole:
        return None
    if closeness is Closeness.WHOLE:
        return _like(sought, f"|{_written(whole)}|", values)
    if closeness is Closeness.BEGINNING:
        return _like(sought, f"|{_written(whole)}", values)
    if closeness is Closeness.WITHIN:
        terms = [term for word in text.split() if (term := folded(word))]
        # Shorter than a trigram, and alone, it is looked for where a name, a code or their pinyin begins.
        alone = all(len(_written(term)) < SHORTEST_INDEXED for term in terms)
        return _all(_any(_ways(term, alone, sought, values)) for term in terms)
    if len(_written(whole)) <= SHORTEST_INDEXED:
        return None
    return sql.SQL("{} %%> {}::text").format(sought, values.bind(_written(whole)))


def similarity(text: str, sought: sql.Composable, values: Values) -> sql.Composable:
    """From 0 to 1: how much of the words the closest part of a row's text has."""
    return sql.SQL("word_similarity({}::text, {})").format(values.bind(_written(folded(text))), sought)


def _ways(term: str, alone: bool, sought: sql.Composable, values: Values) -> Iterator[sql.Composable]:
    """As it is written; as pinyin of which some syllables are cut to their initials; as characters and pinyin mixed."""
    yield _like(sought, f"|{_written(term)}" if alone else _written(term), values)
    spelled = _spelled(term)
    characters = [] if spelled == term else re.findall(r"[^a-z0-9]+", term)
    if characters and re.search("[a-z]", term):
        kept = _all(_like(sought, _written(one), values) for one in characters)
        yield _all([kept, _like(sought, spelled, values)])
    if not characters and len(term) <= LONGEST_SPELLED and term.isascii():
        for initials, pattern in _cuts(term):
            short = initials if len(initials) >= SHORTEST_INDEXED else f"|{initials}"
            yield _all([_like(sought, short, values), _like(sought, pattern, values)])


def _cuts(term: str) -> list[tuple[str, str]]:
    """Initials and LIKE pattern of each way to read letters as syllables some of which are cut, the longest first."""

    @cache
    def readings(at: int) -> list[tuple[str, str]]:
        if at == len(term):
            return [("", "")]
        found = []
        for end in range(min(len(term), at + LONGEST_SYLLABLE), at + 1, -1):
            syllable = term[at:end]
            if syllable in SYLLABLES or (end == len(term) and syllable in BEGINNINGS):
                found += [(syllable[0] + rest, syllable + then) for rest, then in readings(end)]
        for initial in INITIALS:
            if term.startswith(initial, at):
                rest_of = readings(at + len(initial))
                found += [(initial[0] + rest, f"{initial}%{then}") for rest, then in rest_of]
        return found[:READINGS_TRIED]

    return [
        (initials, pattern)
        for initials, pattern in readings(0)
        if "%" in pattern.rstrip("%") and 1 < len(initials) < len(term)
    ]


def _spelled(term: str) -> str:
    if term.isascii():
        return term
    from pypinyin import lazy_pinyin  # reads its dictionary, which takes longer than most commands

    return "".join(lazy_pinyin(term))


def _written(term: str) -> str:
    return "".join(one * 2 if one >= FIRST_IDEOGRAPH else one for one in term)


def _like(sought: sql.Composable, part: str, values: Values) -> sql.Composable:
    return sql.SQL("{} LIKE {}").format(sought, values.bind(f"%{part}%"))


def _all(parts: Iterator[sql.Composable] | Sequence[sql.Composable]) -> sql.Composable:
    return sql.SQL("({})").format(sql.SQL(" AND ").join(parts))


def _any(parts: Iterator[sql.Composable]) -> sql.Composable:
    return sql.SQL("({})").format(sql.SQL(" OR ").join(parts))
