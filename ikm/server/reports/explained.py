"""An explanation in words: weights, roundings and contradictions as sentences in Indonesian."""

from collections.abc import Mapping
from decimal import Decimal
from types import MappingProxyType

from ikm.domain.chains import Chain, Way
from ikm.domain.explain import Contradiction, Fact
from ikm.domain.weights import EXACT
from ikm.server.reports.wording import count

SENTENCES: Mapping[str, str] = MappingProxyType(
    {
        "elements_missing": "Hanya ada {elements} unsur, sedangkan {rule} memiliki {own}. "
        "Periksa apakah ada unsur yang terlewat.",
        "mean_outside_scale": "Rata-rata unsur ke-{elements} berada di luar skala 1 sampai 4. "
        "Periksa letak koma desimalnya.",
        "means_on_index_scale": "Rata-ratanya tampaknya berskala {least}-{most}, bukan 1-4; bagi dengan {factor}. "
        "Hasilnya: {means}.",
        "means_are_sums": "Angka itu tampaknya jumlah nilai, bukan rata-rata; bagi dengan banyaknya responden yang "
        "menjawab unsur itu.",
        "means_are_sums_of_respondents": "Angka itu tampaknya jumlah nilai, bukan rata-rata; bagi dengan banyaknya "
        "responden. Dengan {respondents} responden rata-ratanya: {means}.",
        "sums_of_other_respondents": "Angka itu tampaknya jumlah nilai, bukan rata-rata, tetapi jumlah nilai dari "
        "{respondents} responden hanya dapat {least} sampai {most}. Periksa angka itu dan jumlah responden.",
        "means_on_other_scale": "Angka itu bukan rata-rata 1 sampai 4. Bila berskala {least}-{most}, bagi dengan "
        "{factor}; bila jumlah nilai, bagi dengan banyaknya responden.",
        "means_impossible": "Rata-rata unsur ke-{elements} tidak mungkin berasal dari {respondents} responden yang "
        "semuanya menjawab: jumlah nilainya bukan bilangan bulat. Periksa rata-rata itu atau jumlah responden.",
        "single_respondent": "Indeks ini berasal dari satu responden saja, jadi belum mewakili pengguna layanan.",
        "below_stated_minimum": "Laporan menyebut minimal {minimum} responden, tetapi respondennya {respondents}.",
        "below_rule_minimum": "{rule} meminta minimal {minimum} responden, tetapi respondennya {respondents}.",
        "minimum_of_other_rule": "Minimal {minimum} responden adalah ketentuan {rule}, bukan aturan laporan ini.",
        "weight_foreign": "Bobot {weight} bukan pembulatan 1/{elements}, padahal laporan memuat {elements} unsur.",
        "stated_weight_not_used": "Bobot yang disebut, {weight}, menghasilkan {gives} bila dibulatkan sekali di "
        "akhir, tetapi yang tercetak {printed}.",
        "cells_by_other_weight": "Bobot yang disebut {weight}, tetapi NRR tertimbang tiap unsur dihitung dengan bobot "
        "{used}.",
        "cells_of_no_weight": "NRR tertimbang unsur ke-{elements} tidak sama dengan rata-ratanya dikali bobot "
        "(bobot terdekat: {weight}). Periksa angka unsur itu.",
        "cells_do_not_add_up": "NRR tertimbang tiap unsur berjumlah {sum}, yang memberi {gives}, tetapi yang tercetak "
        "{printed}.",
        "comma_misplaced": "Koma desimal {printed} salah tempat; maksudnya {meant}.",
        "index_not_converted": "{printed} masih pada skala 1 sampai 4; indeks adalah angka itu dikali {factor}.",
        "outside_scale": "{printed} berada di luar skala {least} sampai {most}. "
        "Periksa apakah angka itu tersalin benar.",
        "cut_not_rounded": "{printed} dipotong, tidak dibulatkan (jumlah NRR tertimbang {sum}, bobot {weight}). "
        "Bila dibulatkan: {gives}.",
        "rounded_twice": "{printed} dibulatkan dua kali: jumlah NRR tertimbang {sum} (bobot {weight}) dibulatkan dulu "
        "ke {places} desimal. Bila dibulatkan sekali di akhir: {gives}.",
        "cells_rounded_first": "{printed} dihitung dari NRR tertimbang tiap unsur (bobot {weight}) yang sudah "
        "dibulatkan ke {places} desimal. Bila dibulatkan sekali di akhir: {gives}.",
        "sum_cut_first": "{printed} dihitung dari jumlah NRR tertimbang {sum} (bobot {weight}) yang dipotong dulu "
        "menjadi {places} desimal. Bila dibulatkan sekali di akhir: {gives}.",
        "cells_cut_first": "{printed} dihitung dari NRR tertimbang tiap unsur (bobot {weight}) yang dipotong menjadi "
        "{places} desimal. Bila dibulatkan sekali di akhir: {gives}.",
        "sum_contradicts_index": "Jumlah NRR tertimbang {sum} dikali {factor} adalah {gives}, tetapi indeks yang "
        "tercetak {printed}.",
        "figures_differ": "Laporan mencetak lebih dari satu indeks, {lowest} dan {highest}; selisihnya {gap}.",
        "figures_differ_by_weight": "Laporan mencetak lebih dari satu indeks, {lowest} dan {highest}; selisih {gap} "
        "itu seluruhnya karena bobot: {lowest_weight} dan {highest_weight}.",
        "printed_not_reproduced": "{printed} tidak dihasilkan oleh bobot dan pembulatan mana pun yang dikenal; yang "
        "terdekat {gives} (bobot {weight}), selisih {distance}. "
        "Periksa apakah rata-rata dan angka itu tersalin benar.",
        "grade_changes": "Mutu {figure} adalah {grade}, tetapi menurut indeks tepat, {exact}, mutunya {exact_grade}.",
        "grade_changes_by_weight": "Mutu {figure} adalah {grade}, tetapi menurut indeks tepat, {exact}, mutunya "
        "{exact_grade}. Mutunya berubah karena bobot {weight}.",
        "grade_changes_by_rounding": "Mutu {figure} adalah {grade}, tetapi menurut indeks tepat, {exact}, mutunya "
        "{exact_grade}. Mutunya berubah karena cara membulatkannya.",
        "grade_uncertain": "Mutu {figure} adalah {grade}, sedangkan rata-rata yang tercetak memberi {exact}, mutu "
        "{exact_grade}. Keduanya mungkin, karena rata-rata itu sudah dibulatkan. "
        "Minta rata-rata dengan lebih banyak desimal.",
        "grade_of_other_rule": "Mutu {grade} untuk {figure} hanya ada di tabel {other_rule}; menurut {rule} mutunya "
        "{belongs}.",
        "grade_of_no_rule": "Mutu {grade} untuk {figure} tidak ada di tabel aturan mana pun; menurut {rule} mutunya "
        "{belongs}.",
    }
)
"""What each contradiction says, by its code; the names in braces are its facts."""

_WEIGHTS = frozenset({"weight", "used", "lowest_weight", "highest_weight"})

_CHAINS: Mapping[Chain, str] = MappingProxyType(
    {
        Chain.ONCE: "dibulatkan sekali di akhir",
        Chain.SUM_ROUNDED: "jumlah NRR tertimbang dibulatkan dulu ke {places} desimal",
        Chain.CELLS_ROUNDED: "NRR tertimbang tiap unsur dibulatkan dulu ke {places} desimal",
        Chain.CUT: "dipotong di akhir, tidak dibulatkan",
        Chain.SUM_CUT: "jumlah NRR tertimbang dipotong dulu menjadi {places} desimal",
        Chain.CELLS_CUT: "NRR tertimbang tiap unsur dipotong dulu menjadi {places} desimal",
        Chain.FEWER_DECIMALS: "dibulatkan ke kurang dari dua desimal",
    }
)


def sentence(contradiction: Contradiction, elements: int) -> str:
    """What a contradiction in a report of that many elements says, one or two sentences."""
    facts = {
        name: weight_name(str(fact), elements) if name in _WEIGHTS else _fact(fact)
        for name, fact in contradiction.facts.items()
    }
    return SENTENCES[contradiction.code].format(**facts)


def chain_name(way: Way) -> str:
    """Where a figure was rounded, in words: 'dibulatkan sekali di akhir'."""
    return _CHAINS[way.chain].format(places=way.places)


def weight_name(convention: str, elements: int) -> str:
    """A weight convention as people write it: '0,071', or '1/9 persis'."""
    return f"1/{elements} persis" if convention == EXACT else convention.replace(".", ",")


def as_printed(figure: Decimal) -> str:
    """A figure with the decimals it was printed with and nothing between thousands: '29,87', '8728'."""
    return f"{figure:f}".replace(".", ",")


def listed(words: list[str]) -> str:
    """Words as a list in a sentence: '1', '1 dan 2', '1, 2 dan 3'."""
    return " dan ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def _fact(fact: Fact) -> str:
    if isinstance(fact, Decimal):
        return as_printed(fact)
    if not isinstance(fact, tuple):
        return count(fact) if isinstance(fact, int) else fact
    decimals = [as_printed(part) for part in fact if isinstance(part, Decimal)]
    # figures with decimal commas are divided by semicolons, so that they can be given back as they stand
    return "; ".join(decimals) if decimals else listed([str(part) for part in fact])
