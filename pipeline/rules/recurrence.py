"""Marks that nobody listed: what the corpus itself shows to be a site's mark, learned as site packs.

Three things are evidence: a name that travels with a web address, a string that stands in the same slot of different
texts (a line's end after its sentence, a line of its own, the middle of a sentence) and speaks to the reader of a web
page, and a row of Chinese characters that is broken up by different punctuation each time. What decides is in how many
*different* surroundings it stands: ten thousand copies of a document show one. Headings and sentences that plans
share are no candidates to begin with, so that the evidence of a large corpus stays small.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple, Self
from zlib import crc32

from pipeline.lexicons.packs import SitePack
from pipeline.rules.marks import ADDRESS_TRIGGERS, DOMAIN, INSTRUCTS
from pipeline.search import Finder

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

HAN = "\u4e00-\u9fff"
CONTEXTS = 16  # surroundings kept per candidate
DOCUMENTS = 16  # signatures of documents kept per candidate
AROUND = 12  # Chinese characters on either side that make a surrounding
AKIN = 0.2  # share of character pairs in common above which two sides count as the same text, edited
PLACES = 3  # different surroundings that make a mark
SLOT_PLACES = 4  # the same where neither an address nor a learned name stands by
WITH_NAME = 2  # the same for what stands by a name, and for signatures
MOST = 1000  # marks of a kind, best supported first
SHARE = 0.3  # of the stamps of an address that a name must have
USES = 0.25  # of the stamps: a name that stands in sentences more often is content

ADDRESSES = Finder(ADDRESS_TRIGGERS)
ADDRESS = re.compile(DOMAIN, re.IGNORECASE)
BEFORE, AFTER = 60, 120  # characters of a line looked at on either side of an address
JOIN = r"[ \t\u3000:：|｜,，—-]"
# 公文汇 www.gongwenhui.com, 【文库网】www.wenku.com，办公之家: at a line's end, after a blank or a sentence
STAMP = re.compile(
    rf"(?:^|(?<=[ \t\u3000。！？；”）.!?;]))(?:[【\[（(]?(?P<name>[{HAN}·]{{2,10}})[】\]）)]?{JOIN}{{0,3}})?"
    rf"(?P<address>{DOMAIN})(?:{JOIN}{{0,3}}(?P<after>[{HAN}]{{2,12}}))?[。.]?[ \t\u3000]*$",
    re.IGNORECASE | re.MULTILINE,
)
TITLE = re.compile(r"(?:计划|总结|方案|报告|范文|篇.{1,3})$")  # ends a heading that an address was put after
# Whoever signs a plan may put an address under it.
ORGANISATION = re.compile("(?:公司|集团|银行|支行|医院|学院|大学|[小中]学|学校|幼儿园|中心|协会|[局委厂部科室处会])$")
# 公文汇，办公文档之家: after a blank at a line's end, or as a line
MOTTO = re.compile(
    rf"(?:^|[ \t\u3000])(?P<name>[{HAN}]{{2,8}})[，,](?P<slogan>[{HAN}]{{5,14}})[。]?[ \t]*$", re.MULTILINE
)
SITE_WORD = re.compile("文档|公文|文库|范文|文秘|写作|写材料|素材|模板|论文|作文|课件|.网|网站|之家")

# What speaks to the reader of a web page about what he reads: a page's word beside a reader's or an editor's deed.
PAGE = (
    "(?:本|此|该|以上|更多|相关|全部|海量|精彩|最新)"
    rf"[{HAN}]{{0,4}}?(?:资料|文档|文章|范文|内容|资源|素材|模板|文库|站)|本文|本站|范文"
)
DEED = "查看|下载|阅读|浏览|收藏|点击|访问|转载|版权|权属|来源|来自|出自|搜集|上传|尽在|鼠标|小编|整理发布|收集整理"
WITHIN = "[^。！？；\n]{0,24}?"
SPEAKS = re.compile(f"(?:{PAGE}){WITHIN}(?:{DEED})|(?:{DEED}){WITHIN}(?:{PAGE})")
DEEDS = Finder(DEED.split("|"))
REACH = 40  # characters beside the core of a notice in which its ends are looked for
LONGEST_LINE = 80
NUMBERED = re.compile(r"[（(]?[0-9一二三四五六七八九十]{1,3}[)）.、．]|第[0-9一二三四五六七八九十]+")
SHORTEST = 10  # characters of a notice or line without a site's name
AGREED = 0.75  # share of the places that must go on with the same character of a notice
SIDE = 6  # characters beside a notice by which copies can be told from other texts
SENTENCE_END = re.compile("[。！？；]")
MID_SENTENCE = 0.6  # share of the places at which a notice has Chinese characters on both sides

# }方案。库。整。理^  |方|案范|文库=整理%^: the marks that part the characters, and those that nobody writes there
ILLICIT = r"#-'*+<=>@\[-`{-~"  # within a character class
BROKEN = re.compile(
    rf"(?:[{ILLICIT}]{{1,3}}|[.。](?=[{HAN}][{ILLICIT}.。]))(?:[{HAN}]{{1,3}}[{ILLICIT}.。]{{1,3}}){{3,14}}"
)
SOFT = frozenset(".。")
CHUNK = re.compile(rf"[{HAN}]+")
LEAST_CHARS = 4  # of a signature
VARIANTS, SIGNATURES = 200, 100  # that begin and end alike, best supported first; that a collection shows
LEAST_MARKS, LEAST_ILLICIT = 3, 2  # kinds of marks, and of marks that nobody writes, in one broken signature
NOT_HAN = re.compile(rf"[^{HAN}]+")


class Surrounding(NamedTuple):
    """What stands before and after a candidate; of a signature also the ``form`` in which it is broken up."""

    before: str
    after: str
    form: str = ""


class Trace(NamedTuple):
    """Where a candidate stands: all ``places``, and the surroundings and documents of lowest digest.

    Both are bounded, and the lowest of a union are the lowest of the parts' lowest: merging does not depend on order.
    """

    places: int
    surroundings: tuple[Surrounding, ...]
    documents: tuple[int, ...]

    def merged(self, other: Trace) -> Trace:
        """Return the trace in both sets of documents."""
        return Trace(
            self.places + other.places,
            _lowest({*self.surroundings, *other.surroundings}),
            tuple(sorted({*self.documents, *other.documents})[:DOCUMENTS]),
        )


def _lowest(surroundings: Iterable[Surrounding]) -> tuple[Surrounding, ...]:
    return tuple(sorted(surroundings, key=lambda s: (_digest("\n".join(s)), s))[:CONTEXTS])


def _digest(text: str) -> int:
    return crc32(text.encode("utf-8", "surrogatepass"))


@dataclass(slots=True)
class MarkEvidence:
    """The traces of candidates, by kind and text.

    Kinds: ``site`` (name and host), ``disguise`` (host and address as written), ``used`` (a name or host inside
    sentences), ``motto`` (name and slogan), ``line``, ``notice`` (its core) and ``signature`` (its characters). Two
    texts are parted by a tab.
    """

    traces: dict[tuple[str, str], Trace] = field(default_factory=dict)

    def add(self, other: MarkEvidence) -> None:
        """Make this the evidence of both sets of documents; the order of additions does not matter."""
        for key, trace in other.traces.items():
            known = self.traces.get(key)
            self.traces[key] = trace if known is None else known.merged(trace)

    def rows(self) -> Iterator[list[Any]]:
        """Yield it as JSON values: kind, text, then the :class:`Trace`; sorted."""
        return (
            [*key, trace.places, [list(s) for s in trace.surroundings], list(trace.documents)]
            for key, trace in sorted(self.traces.items())
        )

    @classmethod
    def of_rows(cls, rows: Iterable[list[Any]]) -> Self:
        """Return the evidence of rows as :meth:`rows` gives them; those of one candidate add up."""
        evidence = cls()
        for kind, text, places, surroundings, documents in rows:
            trace = Trace(places, tuple(Surrounding(*values) for values in surroundings), tuple(documents))
            evidence.add(cls({(kind, text): trace}))
        return evidence

    def telling(self) -> Self:
        """Return it whole: what stands once may be a part of something, or speak against it."""
        return self

    def of(self, kind: str) -> dict[str, Trace]:
        """Return the traces of one kind by text."""
        return {text: trace for (known, text), trace in self.traces.items() if known == kind}


class _Sighting(NamedTuple):
    kind: str
    text: str
    start: int
    end: int
    form: str = ""


def observe_marks(text: str) -> MarkEvidence:
    """Return what one normalised document shows of marks; nothing is decided on it."""
    written, text = text, _undisguised(text)
    spoken = _speaking(text)
    seen = [*_stamps(text, written), *_mottos(text), *_signatures(text)]
    seen += _uses(text, seen, spoken)
    seen += _speeches(text, spoken)
    found: dict[tuple[str, str], list[Surrounding]] = {}
    for sighting in dict.fromkeys(seen):  # a line with two cores is one
        found.setdefault((sighting.kind, sighting.text), []).append(_surrounding(text, sighting))
    if not found:
        return MarkEvidence()
    documents = (_document(text),)
    return MarkEvidence({key: Trace(len(all_), _lowest(set(all_)), documents) for key, all_ in found.items()})


def _undisguised(text: str) -> str:
    """Return the text with the full-width signs of addresses narrowed; offsets stay."""
    for wide, narrow in zip("．－／", ".-/", strict=True):
        text = text.replace(wide, narrow)
    return text


def _document(text: str) -> int:
    """Return a digest that a copy with a few changes mostly shares: the lowest of the digests of its long lines."""
    return min((_digest(line) for line in text.split("\n") if len(line) >= AROUND), default=_digest(text))


def _surrounding(text: str, sighting: _Sighting) -> Surrounding:
    _, _, start, end, form = sighting
    if sighting.kind == "notice":
        before = text[max(0, start - REACH) : start].rpartition("\n")[2]
        after = text[end : end + REACH].partition("\n")[0]
        return Surrounding(before.replace(",", "，"), after.replace(",", "，"))
    before = NOT_HAN.sub("", text[max(0, start - 3 * AROUND) : start])[-AROUND:]
    return Surrounding(before, NOT_HAN.sub("", text[end : end + 3 * AROUND])[:AROUND], form)


def _host(address: str) -> str:
    return re.sub(r"^(?:https?://)?(?:www\.)?", "", address.lower()).split("/")[0]


def _stamps(text: str, written: str) -> Iterator[_Sighting]:
    """Yield every web address: with a name where it is stamped, else as used in a sentence.

    ``written`` is the text with its disguises.
    """
    done = 0
    for _, at, stop in ADDRESSES.find(text):
        if at < done:
            continue
        start = text.rfind("\n", max(0, at - BEFORE), at) + 1 or max(0, at - BEFORE)
        end = text.find("\n", at, at + AFTER)
        end = end if end >= 0 else min(len(text), at + AFTER + 1)
        stamp = STAMP.search(text, start, end) if end - at <= AFTER else None
        if stamp and stamp.start("address") < at < stamp.end("address"):
            done = stamp.end()
            yield from _stamped(text, start, stamp, written[slice(*stamp.span("address"))])
        elif (address := ADDRESS.search(text, max(start, at - BEFORE), stop)) and "更多" not in text[start:at]:
            yield _Sighting("used", _host(address[0]), *address.span())


def _stamped(text: str, start: int, stamp: re.Match[str], written: str) -> Iterator[_Sighting]:
    name, after, host = stamp["name"] or "", stamp["after"] or "", _host(stamp["address"])
    if TITLE.search(name):
        name = ""
    if INSTRUCTS.search(text, max(start, stamp.start() - AROUND), stamp.start("address")):
        yield _Sighting("used", host, *stamp.span())
        return
    if name and len(after) >= 5:
        yield _Sighting("motto", f"{name}\t{after}", *stamp.span())
    yield _Sighting("site", f"{name or after}\t{host}", *stamp.span())
    if written != stamp["address"]:
        yield _Sighting("disguise", f"{host}\t{written}", *stamp.span())


def _mottos(text: str) -> Iterator[_Sighting]:
    for match in MOTTO.finditer(text):
        if match[0][0] in " \t\u3000" or SITE_WORD.search(match[0]):
            yield _Sighting("motto", f"{match['name']}\t{match['slogan']}", *match.span())


def _uses(text: str, seen: list[_Sighting], spoken: list[tuple[int, int]]) -> Iterator[_Sighting]:
    """Yield where the text's own site names stand inside sentences: then they may be what the plan is about."""
    names = sorted({name for s in seen if s.kind == "site" and (name := s.text.split("\t")[0])})
    if not names:
        return
    covered = {at for start, end in [*((s.start, s.end) for s in seen), *spoken] for at in range(start, end)}
    for index, start, end in Finder(names).find(text):
        if start not in covered and CHUNK.match(text, end):
            yield _Sighting("used", names[index], start, end)


def _speaking(text: str) -> list[tuple[int, int]]:
    """Return the cores of what speaks to the reader of a web page: from the page's word to the deed, or back."""
    cores: list[tuple[int, int]] = []
    done = 0
    for _, at, end in DEEDS.find(text):
        if at < done:
            continue
        core = SPEAKS.search(text, max(done, at - REACH), end + REACH)
        if core and core.start() <= at and end <= core.end():
            cores.append(core.span())
            done = core.end()
    return cores


def _speeches(text: str, spoken: list[tuple[int, int]]) -> Iterator[_Sighting]:
    """Yield each core as a notice and, where its line is short and not numbered, that line."""
    for start, end in spoken:
        yield _Sighting("notice", text[start:end].replace(",", "，"), start, end)
        low = text.rfind("\n", max(0, start - LONGEST_LINE), start) + 1
        high = text.find("\n", end, end + LONGEST_LINE)
        high = len(text) if high < 0 else high
        line = text[low:high].strip() if (low or start <= LONGEST_LINE) and high - low <= LONGEST_LINE else ""
        if line and line.isprintable() and not NUMBERED.match(line):
            yield _Sighting("line", line, low, high)


def _signatures(text: str) -> Iterator[_Sighting]:
    """Yield rows of Chinese characters that are parted by marks of several kinds, two of which no one writes there."""
    for match in BROKEN.finditer(text):
        chunks, marks = CHUNK.findall(match[0]), set(CHUNK.sub("", match[0]))
        # Cells of a table are parted too, but by one kind of mark and never within a word.
        if len(marks) >= LEAST_MARKS and len(marks - SOFT) >= LEAST_ILLICIT and min(map(len, chunks)) == 1:
            yield _Sighting("signature", "".join(chunks), *match.span(), CHUNK.sub("-", match[0]))


class LearnedMark(NamedTuple):
    """One entry of a learned pack: ``part`` is a field of :class:`SitePack`, ``site`` the name of the pack.

    ``places`` counts all occurrences; ``documents`` at most :data:`DOCUMENTS`, copies once.
    """

    site: str
    part: str
    text: str
    places: int
    documents: int


def decide_marks(evidence: MarkEvidence) -> tuple[SitePack, ...]:
    """Return the packs of what is sure, sorted by name; what stands inside sentences of plans too is left out."""
    return tuple(_pack(site, marks) for site, marks in sorted(_by_site(learned_marks(evidence)).items()))


def pack_draft(evidence: MarkEvidence) -> str:
    """Return what is sure as one site pack in TOML, each entry with its evidence; empty when nothing was learned.

    The best supported name is the pack's; the names of other sites, and whole lines, are its aliases.
    """
    marks = learned_marks(evidence)
    if not marks:
        return ""
    name = min(marks, key=lambda mark: (mark.part != "name", -mark.places, mark.site)).site
    others = {mark.site: mark._replace(part="aliases", text=mark.site) for mark in marks if mark.part == "name"}
    entries = sorted({m for m in marks if m.part != "name"} | {m for site, m in others.items() if site != name})
    lines = ["# Learned from a corpus: look through it, then keep it among the site packs.", f"name = {_toml(name)}"]
    if name in others:
        lines[-1] += f"  # {_counts(others[name])}"
    for part in ("aliases", "domains", "slogans", "signatures", "inline"):
        rows = [f"    {_toml(m.text)},  # {_counts(m)}" for m in entries if m.part == part]
        if rows:
            lines += [f"{part} = [", *dict.fromkeys(rows), "]"]
    return "\n".join(lines) + "\n"


def _toml(text: str) -> str:
    """Return a TOML string: in basic strings TOML escapes as JSON does."""
    return json.dumps(text, ensure_ascii=False)


def _counts(mark: LearnedMark) -> str:
    more = " or more" if mark.documents == DOCUMENTS else ""
    return f"places: {mark.places}, different documents: {mark.documents}{more}"


def _by_site(marks: Iterable[LearnedMark]) -> dict[str, list[LearnedMark]]:
    sites: dict[str, list[LearnedMark]] = {}
    for mark in marks:
        sites.setdefault(mark.site, []).append(mark)
    return sites


def _pack(site: str, marks: list[LearnedMark]) -> SitePack:
    def part(name: str) -> tuple[str, ...]:
        return tuple(sorted({mark.text for mark in marks if mark.part == name}))

    return SitePack(
        site,
        aliases=part("aliases"),
        domains=part("domains"),
        slogans=part("slogans"),
        signatures=part("signatures"),
        inline=part("inline"),
    )


def learned_marks(evidence: MarkEvidence) -> list[LearnedMark]:
    """Return what is sure with its evidence, sorted."""
    marks = _best(_learned_names(evidence))
    marks += _best(_learned_mottos(evidence, {mark.text for mark in marks}))
    names = sorted({mark.text for mark in marks if mark.part == "name"}, key=lambda name: (-len(name), name))
    marks += _best(_learned_hosts(evidence, set(names)))
    marks += [*_best(_learned_lines(evidence, names)), *_best(_learned_notices(evidence, names))]
    marks += [*_learned_signatures(evidence, names)]
    return sorted(set(marks))


def _best(marks: Iterable[LearnedMark]) -> list[LearnedMark]:
    """Return the best supported marks, no more than a collection can have: every line is searched for all of them."""
    return sorted(marks, key=lambda mark: (-mark.places, mark))[:MOST]


def _mark(site: str, part: str, text: str, trace: Trace) -> LearnedMark:
    return LearnedMark(site, part, text, trace.places, len(trace.documents))


def _total(traces: Iterable[Trace]) -> Trace:
    total = Trace(0, (), ())
    for trace in traces:
        total = total.merged(trace)
    return total


def _grouped(traces: dict[str, Trace], part: int) -> dict[str, Trace]:
    """Return the traces of pairs parted by a tab, added up by one half."""
    groups: dict[str, list[Trace]] = {}
    for text, trace in traces.items():
        groups.setdefault(text.split("\t")[part], []).append(trace)
    return {text: _total(members) for text, members in groups.items()}


def _different(surroundings: Iterable[Surrounding]) -> int:
    """Return how many of the surroundings have a side of their own: edited copies are akin on both sides."""
    kept: list[tuple[set[str], set[str]]] = []
    for before, after, _ in sorted(surroundings):
        sides = _pairs(before), _pairs(after)
        if not any(_akin(sides[0], left) and _akin(sides[1], right) for left, right in kept):
            kept.append(sides)
    return len(kept)


def _pairs(text: str) -> set[str]:
    return {text[i : i + 2] for i in range(len(text) - 1)}


def _akin(one: set[str], other: set[str]) -> bool:
    return len(one & other) > AKIN * len(one | other) or one == other


def _learned_names(evidence: MarkEvidence) -> Iterator[LearnedMark]:
    """Yield the names that stand with an address in different texts, and hardly ever in a sentence."""
    sites, used = evidence.of("site"), evidence.of("used")
    hosts, mottos = _grouped(sites, 1), _grouped(evidence.of("motto"), 0)
    shares: dict[str, float] = {}
    own_hosts: dict[str, set[str]] = {}
    for text, trace in sites.items():
        name, host = text.split("\t")
        own_hosts.setdefault(name, set()).add(host)
        shares[name] = max(shares.get(name, 0.0), trace.places / hosts[host].places)
    for name, stamped in _grouped(sites, 0).items():
        trace = stamped.merged(mottos[name]) if name in mottos else stamped
        in_sentences = sum(used[text].places for text in {name, *own_hosts[name]} if text in used)
        if (
            name
            and not ORGANISATION.search(name)
            and shares[name] >= SHARE
            and in_sentences <= USES * trace.places
            and _different(stamped.surroundings) >= WITH_NAME
            and _different(trace.surroundings) >= PLACES
        ):
            yield _mark(name, "name", name, trace)


def _learned_hosts(evidence: MarkEvidence, names: set[str]) -> Iterator[LearnedMark]:
    """Yield the addresses of learned names, and those stamped alone; one place in a sentence speaks against any."""
    sites, used = evidence.of("site"), evidence.of("used")
    hosts = _grouped(sites, 1)
    disguises: dict[str, list[tuple[str, Trace]]] = {}
    for text, seen in evidence.of("disguise").items():
        host, address = text.split("\t")
        disguises.setdefault(host, []).append((address, seen))
    for text, trace in sites.items():
        name, host = text.split("\t")
        if host in used or (name and name not in names):
            continue
        if _different(hosts[host].surroundings) >= (WITH_NAME if name else SLOT_PLACES):
            yield _mark(name or host, "domains", host, trace)
            for address, seen in disguises.get(host, ()):
                yield _mark(name or host, "domains", address, seen)


def _learned_mottos(evidence: MarkEvidence, names: set[str]) -> Iterator[LearnedMark]:
    """Yield slogans of learned names, and names that stand at line ends with one slogan that speaks of documents."""
    for text, trace in evidence.of("motto").items():
        name, slogan = text.split("\t")
        different = _different(trace.surroundings)
        if name in names and different >= WITH_NAME:
            yield _mark(name, "slogans", slogan, trace)
        elif different >= SLOT_PLACES and SITE_WORD.search(slogan) and not ORGANISATION.search(name):
            yield _mark(name, "name", name, trace)
            yield _mark(name, "slogans", slogan, trace)


def _site_in(text: str, names: list[str]) -> str:
    """Return the learned name that stands in the text, else what the text says twice and ends like a site's name."""
    known = next((name for name in names if name in text), "")
    twice = re.search(rf"([{HAN}]{{2,9}}[网站库家汇吧]).*?\1", text)
    return known or (twice[1] if twice else text)


def _learned_lines(evidence: MarkEvidence, names: list[str]) -> Iterator[LearnedMark]:
    """Yield lines that stand between different texts; as aliases they are marks only as lines or after a blank."""
    for line, trace in evidence.of("line").items():
        if len(line) >= SHORTEST and _different(trace.surroundings) >= SLOT_PLACES:
            yield _mark(_site_in(line, names), "aliases", line, trace)


def _learned_notices(evidence: MarkEvidence, names: list[str]) -> Iterator[LearnedMark]:
    """Yield passages that stand in the middle of different sentences, as patterns."""
    for core, trace in evidence.of("notice").items():
        if len(trace.surroundings) < PLACES:
            continue
        before = _agreed([s.before[::-1] for s in trace.surroundings])[::-1]
        after = _agreed([s.after for s in trace.surroundings])
        text = before + core + after
        rest = [beside for s in trace.surroundings if (beside := _beside(s, before, after))]
        inside = [s for s in rest if CHUNK.fullmatch(s.before[-1] + s.after[0])]
        if SENTENCE_END.search(text) or not text.isprintable():  # no notice, but sentences that were copied
            continue
        if len(text) >= SHORTEST and len(inside) >= MID_SENTENCE * len(rest) and _different(inside) >= PLACES:
            yield _mark(_site_in(text, names), "inline", re.escape(text).replace("，", "[，,]"), trace)


def _agreed(sides: list[str]) -> str:
    """Return how nearly all sides begin."""
    common = ""
    while True:
        following = Counter(side[len(common)] for side in sides if side.startswith(common) and len(side) > len(common))
        char, count = min(following.items(), key=lambda item: (-item[1], item[0]), default=("", 0))
        if count < AGREED * len(sides):
            return common
        common += char


def _beside(surrounding: Surrounding, before: str, after: str) -> Surrounding | None:
    """Return what is left beside a notice that goes on so on either side; None where it does not, or too little is."""
    if not (surrounding.before.endswith(before) and surrounding.after.startswith(after)):
        return None
    left = surrounding.before[: len(surrounding.before) - len(before)]
    right = surrounding.after[len(after) :]
    return Surrounding(left[-AROUND:], right[:AROUND]) if min(len(left), len(right)) >= SIDE else None


def _learned_signatures(evidence: MarkEvidence, names: list[str]) -> Iterator[LearnedMark]:
    """Yield rows of characters that are broken up differently in different places; in some, characters are missing.

    Rows that count as one begin and end alike: one that begins or ends otherwise may have a word of the text in it.
    """
    traces = evidence.of("signature")
    ends: dict[str, list[str]] = {}
    for signature in sorted(traces, key=lambda chars: (-traces[chars].places, chars)):
        ends.setdefault(signature[0] + signature[-1], []).append(signature)
    alike = {
        whole: [part for part in some[:VARIANTS] if _within(part, whole)] for some in ends.values() for whole in some
    }
    support = {whole: sum(traces[part].places for part in parts) for whole, parts in alike.items()}
    settled: list[str] = []
    for signature in sorted(traces, key=lambda chars: (-support[chars], -len(chars), chars)):
        if any(_within(signature, known) or _within(known, signature) for known in settled):
            continue
        trace = _total(traces[part] for part in alike[signature])
        forms = {surrounding.form for surrounding in trace.surroundings}
        different = _different(trace.surroundings)
        if len(signature) >= LEAST_CHARS and min(len(forms), different) >= WITH_NAME:
            settled.append(signature)
            if len(settled) > SIGNATURES:
                return
            site = next((name for name in names if name in signature), signature)
            yield _mark(site, "signatures", signature, trace)
            yield _mark(site, "inline", _broken(signature, surely=different >= PLACES), trace)


def _broken(signature: str, *, surely: bool) -> str:
    """Return the pattern of the whole signature with its marks, the ones before and after it included.

    A full stop there may be the sentence's. Where it is ``surely`` the site's way to put a mark at either end, the
    sentence's own stop would stand outside of that mark, so that one beside the characters is the site's.
    """
    border = rf"(?:[{ILLICIT}]{{1,3}}|[.。])" if surely else rf"[{ILLICIT}]{{1,3}}"
    chars = "".join(sorted(set(signature)))
    # The signature as plain words may be a sentence.
    within = rf"(?=(?:[{chars}.。]{{0,{4 * len(signature)}}}[{ILLICIT}]){{2}})"
    return border + within + rf"[{ILLICIT}.。]{{0,3}}".join(signature) + border


def _within(short: str, long: str) -> bool:
    """Return whether the characters of ``short`` stand in ``long`` in this order."""
    rest = iter(long)
    return all(char in rest for char in short)
