"""Believable names for many people, the same for the same seed: what searches and benchmarks are tried on.

Real first and last names of many countries, the frequent ones frequent (as 1 / rank), and put-together last names for
the long tail that every real list has: they lie close to each other, which makes finding one with a slip harder.

    python -m tests.people 200 > tests/search.csv      the names and slips that search is tried with
"""

import csv
import random
import sys
from collections.abc import Iterator, Sequence
from functools import cache

GIVEN = """
James Mary Robert Patricia John Jennifer Michael Linda David Elizabeth William Barbara Richard Susan Joseph Jessica
Thomas Sarah Charles Karen Christopher Lisa Daniel Nancy Matthew Betty Anthony Sandra Mark Margaret Donald Ashley Steven
Kimberly Andrew Emily Paul Donna Joshua Michelle Kenneth Carol Kevin Amanda Brian Melissa Timothy Deborah Ronald
Stephanie George Rebecca Jason Sharon Edward Laura Jeffrey Cynthia Ryan Dorothy Jacob Amy Nicholas Kathleen Gary Angela
Eric Shirley Jonathan Emma Stephen Brenda Larry Pamela Justin Nicole Scott Anna Brandon Samantha Benjamin Katherine
Samuel Christine Gregory Debra Alexander Rachel Patrick Carolyn Frank Janet Raymond Maria Jack Olivia Dennis Heather
Jerry Helen Tyler Catherine Aaron Diane Jose Julie Adam Victoria Nathan Joyce Henry Lauren Zachary Kelly Douglas
Christina Peter Ruth Kyle Joan Noah Virginia Ethan Judith Jeremy Evelyn Walter Hannah Christian Andrea Keith Megan Roger
Cheryl Terry Jacqueline Austin Madison Sean Teresa Gerald Abigail Carl Sophia Dylan Martha Harold Sara Jordan Gloria
Jesse Janice Bryan Kathryn Lawrence Ann Arthur Isabella Gabriel Judy Bruce Charlotte Logan Julia Billy Grace Joe Amber
Alan Alice Juan Jean Elijah Denise Willie Frances Albert Danielle Wayne Marilyn Randy Natalie Mason Beverly Vincent Diana
Liam Brittany Roy Theresa Bobby Kayla Caleb Alexis Bradley Doris Russell Lori Lucas Tiffany Ana Chidi Ngozi Amara Kwame
Fatima Mohammed Ahmed Aisha Omar Layla Yusuf Priya Anjali Ravi Sanjay Deepa Mei Wei Hiroshi Yuki Kenji Min-jun Ji-woo
Nguyen Linh Thi Bjorn Ingrid Lars Astrid Soren Freya Jürgen Zoë Łukasz Małgorzata Krzysztof Agnieszka Dmitri Svetlana
Oksana Ivan Milan Jovana Björk Siobhán Niamh Cillian Étienne Amélie François Margaux Luca Giulia Matteo Chiara João
Beatriz Iñigo Begoña Nuria Andrés Renée Chloé Mikhail Theodora Nikos Eleni Tadhg Aroha Hemi Tane Noor Haruto Sakura
"""
FAMILY = """
Smith Johnson Williams Brown Jones Garcia Miller Davis Rodriguez Martinez Hernandez Lopez Gonzalez Wilson Anderson Thomas
Taylor Moore Jackson Martin Lee Perez Thompson White Harris Sanchez Clark Ramirez Lewis Robinson Walker Young Allen King
Wright Scott Torres Nguyen Hill Flores Green Adams Nelson Baker Hall Rivera Campbell Mitchell Carter Roberts Gomez
Phillips Evans Turner Diaz Parker Cruz Edwards Collins Reyes Stewart Morris Morales Murphy Cook Rogers Gutierrez Ortiz
Morgan Cooper Peterson Bailey Reed Kelly Howard Ramos Kim Cox Ward Richardson Watson Brooks Chavez Wood James Bennett
Gray Mendoza Ruiz Hughes Price Alvarez Castillo Sanders Patel Myers Long Ross Foster Jimenez Powell Jenkins Perry Russell
Sullivan Bell Coleman Butler Henderson Barnes Gonzales Fisher Vasquez Simmons Romero Jordan Patterson Alexander Hamilton
Graham Reynolds Griffin Wallace Moreno West Cole Hayes Bryant Herrera Gibson Ellis Tran Medina Aguilar Stevens Murray
Ford Castro Marshall Owens Harrison Fernandez McDonald Woods Washington Kennedy Wells Vargas Henry Chen Freeman Webb
Tucker Guzman Burns Crawford Olson Simpson Porter Hunter Gordon Mendez Silva Shaw Snyder Mason Dixon Muñoz Hunt Hicks
Holmes Palmer Wagner Black Robertson Boyd Rose Stone Salazar Fox Warren Mills Meyer Rice Schmidt Garza Daniels Ferguson
Nichols Stephens Soto Weaver Ryan Gardner Payne Grant Dunn Kelley Spencer Hawkins Arnold Pierce Hansen Peters Santos Hart
Bradley Knight Elliott Cunningham Duncan Armstrong Hudson Carroll Lane Riley Andrews Alvarado Ray Delgado Berry Perkins
Hoffman Johnston Matthews Peña Richards Contreras Willis Carpenter Lawrence Sandoval Guerrero George Chapman Rios Estrada
Ortega Watkins Greene Nuñez Wheeler Valdez Harper Burke Larson Santiago Maldonado Morrison Franklin Carlson Austin
Dominguez Carr Lawson Jacobs O'Brien Lynch Singh Vega Bishop Montgomery Oliver Jensen Harvey Williamson Gilbert Dean Sims
Espinoza Howell Li Wong Reid Hanson Le McCoy Garrett Burton Fuller Wang Weber Welch Rojas Lucas Marquez Fields Park Yang
Little Banks Padilla Day Walsh Bowman Schultz Luna Fowler Mejia Okafor Okonkwo Adeyemi Balogun Mensah Owusu Diallo Traoré
Haddad Khoury Rahman Hussain Chowdhury Iyer Krishnan Banerjee Tanaka Suzuki Takahashi Watanabe Kobayashi Park-Jones
Lindqvist Bergström Ólafsdóttir Sørensen Müller Schröder Kowalski Wiśniewski Zieliński Żółtowski Novák Dvořák Horváth
Papadopoulos Georgiou Petrov Ivanova Shevchenko Kravchenko O'Malley O'Sullivan MacLeod Fitzgerald Dubois Lefèvre Moreau
Rossi Bianchi Esposito Ferrari Carvalho Figueiredo Etxeberria Ngata Tūhoe van-der-Berg de-la-Cruz Al-Rashid Ben-David
"""
_HEADS = """
Ald And Arm Bal Bar Ben Ber Bland Blom Bol Brad Bran Brem Brook Burg Cald Carl Chand Cold Cran Crest Dal Dan Dorn Drey
Eber Eck Edel Elder Ems Fair Falk Farn Feld Fenn Fern Flem Forst Frid Gal Gard Gersh Gil Gold Gran Grim Gund Hag Hal Ham
Hart Hein Hel Hen Her Hild Hol Horn Hub Ing Iver Kal Kast Kel Kern Kest Kirk Klin Kron Lam Land Lang Laur Leit Lin Lock
Lund Mall Mar Mart Mel Mer Mill Mont Mor Nedd Nord Oak Ost Pals Pem Quar Rad Ram Ras Ravn Reich Ren Rich Ros Roth Sal Sand
Sax Schon Sel Shel Sil Stan Stein Strand Sund Tal Thorn Tor Traut Ull Vald Vern Vis Vogel Wald Wall Wein West Wex Whit
Wil Win Wolf Yar Zell Zim
"""
_TAILS = """
aker auer bach berg berger bert bridge burn by cott dahl den dorf er ers erson feld field ford frey gaard gard garth ham
hardt haus heim hold holm holt hurst ing ingham ington kamp ke land le ler ley ling lund man mann mark mere mont more ner
ness nik quist ridge rud sen shaw slow son stad stadt stead stein stett strom sund thal thorpe ton torp tree vall vik
ville waite wald wall ward water way well wick wig win wood worth
"""


@cache
def _pools() -> tuple[Sequence[str], list[float], Sequence[str], list[float], Sequence[str]]:
    given = list(dict.fromkeys(GIVEN.split()))
    family = [name.replace("-", " ") if name[0].islower() else name for name in dict.fromkeys(FAMILY.split())]
    tail = [head + end for head in _HEADS.split() for end in _TAILS.split()]
    return given, _frequent(given), family, _frequent(family), tail


def _frequent(names: Sequence[str]) -> list[float]:
    return [1 / (rank + 12) for rank in range(len(names))]


def names(count: int, seed: int = 7) -> Iterator[tuple[str, str]]:
    """(first, last) names of `count` people; the first thousand are the same at every count."""
    chance = random.Random(seed)
    given, given_weights, family, family_weights, tail = _pools()
    for start in range(0, count, 1000):
        firsts = chance.choices(given, given_weights, k=1000)
        commons = chance.choices(family, family_weights, k=1000)
        rares = chance.choices(tail, k=1000)
        for at in range(min(1000, count - start)):
            yield firsts[at], commons[at] if chance.random() < 0.55 else rares[at]


# ---------------------------------------------------------------- slips

_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")


def _dropped(word: str, at: int) -> str:
    return word[:at] + word[at + 1 :]


def _doubled(word: str, at: int) -> str:
    return word[: at + 1] + word[at:]


def _swapped(word: str, at: int) -> str:
    return word[: at - 1] + word[at] + word[at - 1] + word[at + 1 :]


def _neighbouring(word: str, at: int) -> str:
    letter = word[at].lower()
    row = next((row for row in _ROWS if letter in row), "")
    place = row.find(letter)
    near = row[place + 1 : place + 2] or row[place - 1 : place] or "e"
    return word[:at] + near + word[at + 1 :]


SLIPS = {"dropped": _dropped, "doubled": _doubled, "swapped": _swapped, "neighbouring": _neighbouring}


def slipped(given: str, family: str, how: str, chance: random.Random) -> str:
    """The whole name with one slip in one of its longer words, never in its first letter."""
    words = f"{given} {family}".split()
    which = chance.choice([place for place, word in enumerate(words) if len(word) > 3] or [len(words) - 1])
    word = words[which]
    places = [at for at in range(1, len(word)) if how != "swapped" or (at > 1 and word[at] != word[at - 1])]
    words[which] = SLIPS[how](word, chance.choice(places or [len(word) - 1]))
    return " ".join(words)


def write_search_csv(count: int) -> None:
    """Names out of the first five thousand people, each with its four slips."""
    chance = random.Random(11)
    people = [(given, family) for given, family in dict.fromkeys(names(5000)) if len(family) > 3]
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(["given", "family", *SLIPS])
    for given, family in chance.sample(people, count):
        writer.writerow([given, family, *(slipped(given, family, how, chance) for how in SLIPS)])


if __name__ == "__main__":
    write_search_csv(int(sys.argv[1]))
