import pytest

from tension.text import language
from tension.text.language import language_of

ENGLISH = [
    "Japan and China hold talks in Beijing.",
    "Abba Eban, former Israeli foreign minister, dies.",
    "2024 Iran–Israel conflict",
    "Maldives cabinet resigns en masse.",
    "2025 Guinea-Bissau coup d'état attempt",
    "In Lebanon, a bomb injures a pro-Syrian minister.",
    "A protester dies in Tehran.",
    "Multiple Iranian drones strike a French naval air station at Camp de la Paix.",
    "🙂🙂🙂",
    "",
]
FOREIGN = [
    ("cs", "Česko vyhostilo dva ruské diplomaty a Moskva pohrozila, že na to odpoví do konce týdne."),
    ("da", "Kina truer Taiwan med krig."),
    ("da", "Danmark har udvist to russiske diplomater, og regeringen i Moskva truer nu med at svare igen for alvor."),
    ("da", "Udenrigsministeren har for anden gang på en uge indkaldt Kinas ambassadør til en samtale om Tibet."),
    ("da", "Iran og Irak har i Bagdad skrevet under på en aftale om at sikre grænsen for fremtiden."),
    ("de", "Xi trifft Putin in Moskau."),
    ("de", "Iran droht mit neuen Angriffen auf Israel."),
    ("de", "Der japanische Außenminister ist nach Peking gereist, um über die Inseln zu sprechen."),
    ("de", "Die Bundesregierung hat am Montag den russischen Botschafter einbestellt und zwei Diplomaten ausgewiesen."),
    ("de", "In Peking will man von neuen Zöllen nichts wissen, so ein Sprecher des Ministeriums."),
    ("de", "Was in Tokio als Erfolg gilt, war in Seoul ein Affront, an dem die Gespräche zu scheitern drohen."),
    ("de", "Iran und Irak haben in Bagdad ein Abkommen über den gemeinsamen Schutz der Grenze unterzeichnet."),
    ("es", "Irán amenaza a Israel con nuevos ataques."),
    ("es", "Japón y China se reunieron en Tokio para hablar de la seguridad regional."),
    ("es", "España retiró a su embajador en Nicaragua tras las declaraciones del presidente sobre el rey."),
    ("es", "El gobierno de Irán no quiso comentar el ataque, pero prometió una respuesta militar a Israel."),
    ("es", "China y Japón se han puesto de acuerdo para no usar la fuerza en el mar, dijo un portavoz."),
    ("et", "Eesti saatis välja kaks Vene diplomaati ja Moskva lubas sellele vastata veel sel nädalal."),
    ("fi", "Suomi on karkottanut kaksi venäläistä diplomaattia, ja Moskova on luvannut vastata siihen."),
    ("fi", "Kiina ja Japani ovat sopineet neuvotteluista, kertoi ulkoministeri Pekingissä tiistaina."),
    ("fr", "La France a convoqué l'ambassadeur d'Iran après l'arrestation de deux de ses ressortissants à Téhéran."),
    ("fr", "Le Japon et la Chine ont signé un accord sur la pêche, a annoncé le ministre des affaires étrangères."),
    ("fr", "La Chine proteste contre Tokyo."),
    ("fr", "Selon Pékin, les sanctions des États-Unis sont une agression ; la réponse est en préparation."),
    ("hr", "Hrvatska je povukla veleposlanika iz Srbije na konzultacije zbog izjave o logoru u ratu."),
    ("hu", "A kormány szerint a kínai külügyminiszter is részt vesz a tárgyaláson, és a japán fél is jelen lesz."),
    ("hu", "A magyar külügyminiszter Moszkvában tárgyalt a gázszállításról, és a felek megállapodást írtak alá."),
    ("hu", "Irán a hétvégén újabb rakétát lőtt ki, a szomszédos országok tiltakoztak, a nagykövetet is bekérették."),
    ("id", "Indonesia memanggil duta besar Australia setelah pesawat militer melanggar wilayah udara negara itu."),
    ("id", "Cina dan Jepang akan kembali berunding pada bulan ini, kata juru bicara kementerian luar negeri."),
    ("it", "L'Italia ha richiamato l'ambasciatore in Egitto per consultazioni dopo il caso del ricercatore ucciso."),
    ("it", "Cina e Giappone hanno firmato a Pechino un accordo sulla pesca, ma le isole restano contese."),
    ("it", "Il premier in visita a Teheran: con l'Iran un dialogo utile per la pace in Medio Oriente."),
    ("lt", "Lietuva išsiuntė du Rusijos diplomatus, o Maskva pažadėjo į tai atsakyti dar šią savaitę."),
    ("lv", "Latvija izraidīja divus Krievijas diplomātus, un Maskava solīja uz to atbildēt jau šonedēļ."),
    ("nl", "China waarschuwt Taiwan opnieuw voor aanval."),
    ("nl", "De Nederlandse regering heeft de ambassadeur van Iran ontboden na het incident in de haven van Rotterdam."),
    ("nl", "China is boos over de sancties en wil in Brussel over de handel praten of de invoer van vlees verbieden."),
    ("nl", "In Japan was de premier bij de herdenking, maar over de eilanden had hij niets te zeggen."),
    ("nl", "Het is nog niet bekend of de twee landen het verdrag over de grens in Moskou gaan ondertekenen."),
    ("no", "Norge har utvist tre russiske diplomater, og Moskva har varslet at det vil svare i løpet av uken."),
    ("no", "Kina og Japan er uenige om øyene, men statsministrene skal møtes for første gang på fem år."),
    ("no", "Iran har satt i gang en stor øvelse ved grensen mot Irak, sier forsvarsministeren i en uttalelse."),
    ("pl", "Polska wezwała ambasadora Rosji na rozmowy w sprawie naruszenia przestrzeni powietrznej."),
    ("pl", "Chiny i Japonia podpisały umowę o rybołówstwie, a to nie jest koniec sporu o wyspy."),
    ("pt", "O Brasil expulsa embaixador da Nicarágua."),
    ("pt", "O governo do Brasil chamou de volta o embaixador na Venezuela e suspendeu as negociações sobre a dívida."),
    ("pt", "A China e o Japão vão retomar as conversas a respeito das ilhas, disse a ministra a jornalistas."),
    ("pt", "Portugal e Espanha assinaram a declaração conjunta a favor da paz, mas a oposição critica as condições."),
    ("ro", "România a expulzat doi diplomați ruși, iar ambasadorul a fost convocat la minister pentru explicații."),
    ("ro", "China a anunțat o serie de sancțiuni împotriva Japoniei, a declarat un purtător de cuvânt la Beijing."),
    ("ru", "Россия и США провели переговоры в Женеве."),
    ("sk", "Slovensko a Maďarsko podpísali dohodu o spolupráci na hranici, no spor o most trvá."),
    ("sl", "Slovenija in Hrvaška sta podpisali sporazum o meji, vendar ribiči v zalivu niso zadovoljni."),
    ("sl", "V Moskvi so na pogovor poklicali veleposlanika, in to zaradi izjave o Ukrajini."),
    ("sq", "Shqipëria dëboi dy diplomatë rusë dhe kryeministri tha se vendi nuk do të heshtë më."),
    ("sv", "Regeringen har kallat upp Rysslands ambassadör efter kränkningen av svenskt luftrum under helgen."),
    ("sv", "Kina hotar med att stoppa all handel om Sverige inte ändrar sin hållning i frågan."),
    ("sv", "I Tokyo var man nöjd med avtalet, men i Peking sade en talesman att det inte går att lita på Japan."),
    ("sw", "Kenya imemwita balozi wa Somalia kwa mazungumzo baada ya shambulio la mpakani."),
    ("tl", "Ipinatawag ng Pilipinas ang embahador ng China dahil sa mga barko nito sa dagat."),
    ("tr", "Türkiye, Yunanistan büyükelçisini bakanlığa çağırdı ve adalardaki askeri hareketliliği protesto etti."),
    ("tr", "İran ve Irak sınır güvenliği için anlaşma imzaladı, tören bugün Bağdat'ta yapıldı."),
    ("vi", "Việt Nam phản đối Trung Quốc đưa tàu vào vùng biển của mình và triệu tập đại sứ."),
    ("zh", "中国和日本举行会谈,讨论东海问题。"),
]


@pytest.mark.parametrize("text", ENGLISH)
def test_english_is_known_by_its_words_alone(text, monkeypatch):
    monkeypatch.setattr(language, "_detector", lambda: pytest.fail("py3langid was asked"))
    assert language_of(text) == "en"


@pytest.mark.parametrize(("code", "text"), FOREIGN)
def test_other_languages_are_known_though_they_share_words_with_english(code, text):
    assert language_of(text) == code


def test_the_words_are_lower_case_and_told_once():
    english, shared = language._english()
    assert len(english) > 5000
    assert {"as", "is", "in"} <= shared
    assert not english & shared
    assert all(word == word.lower() for word in english | shared)
