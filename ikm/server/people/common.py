"""Passwords that are guessed first, told by rule: known words with numbers, runs of keys, numbers that people have.

Lists of leaked passwords are almost wholly made so, and a rule needs no list of what others have chosen.
"""

import re
from functools import cache

_PLACES = """
    indonesia nusantara jakarta bogor depok tangerang bekasi bandung cirebon tasikmalaya semarang surakarta
    solo yogyakarta jogja jogjakarta surabaya malang kediri madiun jember banyuwangi madura bali denpasar
    lombok mataram bima kupang flores medan aceh padang palembang lampung bengkulu jambi riau pekanbaru batam
    bangka belitung pontianak sekadau sanggau sintang singkawang ketapang sambas landak melawi banjarmasin
    balikpapan samarinda palangkaraya tarakan makassar manado palu kendari gorontalo mamuju ambon ternate
    tidore sorong manokwari jayapura merauke papua maluku sulawesi kalimantan sumatera sumatra jawa banten
    blitar klaten boyolali kudus pati jepara demak kendal tegal brebes pemalang cilacap banyumas purbalingga
    magelang temanggung wonosobo sragen karanganyar wonogiri sukoharjo gresik sidoarjo mojokerto pasuruan
    probolinggo lumajang bondowoso situbondo sleman bantul serang cilegon garut cianjur sukabumi karawang
    purwakarta subang indramayu kuningan majalengka sumedang ciamis
"""
_OFFICES = """
    kabupaten kota provinsi kecamatan kelurahan desa pemkab pemkot pemda dinas kantor pelayanan publik layanan
    masyarakat warga kepuasan survei survey indeks kios kiosk ikm skm unsur disdukcapil dukcapil capil
    puskesmas rsud dinkes bapenda dpmptsp organisasi bagian setda sekda bupati walikota camat lurah kades
    pegawai operator petugas bendahara pns asn pppk korpri menpan permenpan ombudsman lapor reformasi
    birokrasi zona integritas prima berakhlak sistem aplikasi server kesehatan pendidikan sosial perizinan
    kependudukan catatan sipil perhubungan pertanian keuangan daerah sekretariat inspektorat badan
"""
_WORDS = """
    password passwd pass sandi katasandi rahasia admin administrator superadmin root user pengguna login masuk
    welcome selamat datang halo hello test testing coba contoh sample demo guest tamu default master system
    change changeme letmein secret access akses qwerty qwertyuiop qwertyui asdfgh asdfghjkl zxcvbn zxcvbnm
    qazwsx qazwsxedc wsxedc abc abcd abcde abcdef abcdefgh iloveyou love cinta sayang aku kamu dia kita kami
    bismillah alhamdulillah allah allahuakbar muhammad insyaallah subhanallah assalamualaikum merdeka garuda
    pancasila bhinneka satu dua tiga empat lima januari februari maret april mei juni juli agustus september
    oktober november desember senin selasa rabu kamis jumat sabtu minggu monkey dragon sunshine princess
    football baseball superman batman naruto persija persib arema persebaya liverpool barcelona chelsea madrid
    arsenal manchester united bintang bulan matahari langit dan yang di ke saya bapak ibu anak ayah mama papa
    budi agus dewi sari putri putra ahmad siti jaya makmur sejahtera maju bersama hebat juara oke sukses keren
    ganteng cantik baru lama tahun computer komputer laptop internet google android samsung samsat pajak
"""
_MOST_WORDS = 3
_LEET = str.maketrans("013457@$!", "oieastasi")
_RUNS = (
    "01234567890123456789",
    "abcdefghijklmnopqrstuvwxyz",
    "qwertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "1q2w3e4r5t6y7u8i9o0p",
)
# a telephone's, NIK's (16), NIP's (18)
_NUMBERS = re.compile(r"(?:62|0)8\d{7,12}|\d{16}|\d{18}|(?:19|20)\d{6}(?:19|20)\d{4,6}")


def is_common(folded: str) -> bool:
    """Whether a password in lower case is one of those tried first."""
    bare = "".join(sign for sign in folded if sign.isalnum())
    if not bare or _repeats(bare) or _NUMBERS.fullmatch(bare) or _is_run(bare):
        return True
    # numbers at the end are numbers, those inside may stand for letters
    inner = re.sub(r"^[^a-z]+|[^a-z]+$", "", folded)
    readings = {"".join(filter(str.isalpha, one)) for one in (bare, inner.translate(_LEET), folded.translate(_LEET))}
    return any(reading and _made_of_words(reading) for reading in readings)


def _repeats(text: str) -> bool:
    return any(text == (text[:size] * len(text))[: len(text)] for size in range(1, min(6, len(text) // 2) + 1))


def _is_run(text: str) -> bool:
    """Whether it is nothing but pieces (of three and more) of rows of keys, forwards or backwards."""
    rows = [*_RUNS, *(run[::-1] for run in _RUNS)]
    start = 0
    while start < len(text):
        reach = max(
            (n for n in range(3, len(text) - start + 1) if any(text[start : start + n] in r for r in rows)), default=0
        )
        if not reach:
            return False
        start += reach
    return True


def _made_of_words(letters: str) -> bool:
    """Whether at most three known words make up all of it."""
    ends = {0}
    for _ in range(_MOST_WORDS):
        ends |= {end + len(word) for end in ends for word in _words() if letters.startswith(word, end)}
    return len(letters) in ends


@cache
def _words() -> frozenset[str]:
    return frozenset((_PLACES + _OFFICES + _WORDS).split())
