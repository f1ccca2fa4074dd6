"""Sentences in the encodings that their languages had before UTF-8, by Python's codecs. `python test/golden/encodings.py` -> encodings.json"""
import base64, json, pathlib

SENTENCES = {
    "German": ("Größe und Höhe müssen übereinstimmen, sonst läuft die Maschine für niemanden. Das heißt: zurück zum Anfang.", ["cp1252", "latin-1"]),
    "French": ("L'été dernier, nous étions à Besançon où l'élève a été reçu très chaleureusement. C’est déjà ça…", ["cp1252"]),
    "English": ("He said “it’s a naïve plan” – and left the café without paying for the crème brûlée.", ["cp1252"]),
    "Spanish": ("¿Dónde está la estación? Mañana iré al jardín con el niño pequeño, según me pidió mi compañera.", ["cp1252"]),
    "Polish": ("Zażółć gęślą jaźń. W święta dzieci śpiewają kolędy, a później jedzą pyszne pierogi z kapustą.", ["cp1250"]),
    "Czech": ("Příliš žluťoučký kůň úpěl ďábelské ódy. Večer jsme šli k řece a viděli čtyři labutě.", ["cp1250"]),
    "Russian": ("Все счастливые семьи похожи друг на друга, каждая несчастливая семья несчастлива по-своему.", ["cp1251", "koi8-r", "cp866"]),
    "Bulgarian": ("Вчера времето беше хубаво и децата играха в парка до късно вечерта, без да бързат.", ["cp1251"]),
    "Greek": ("Η ζωή είναι ωραία και ο καιρός σήμερα είναι πολύ καλός. Πάμε μια βόλτα στη θάλασσα;", ["cp1253"]),
    "Hebrew": ("היום מזג האוויר יפה ולכן הילדים הולכים לשחק בגן עם החברים שלהם.", ["cp1255"]),
    "Arabic": ("الطقس جميل اليوم ولذلك يذهب الأطفال إلى الحديقة للعب مع أصدقائهم.", ["cp1256"]),
    "Thai": ("วันนี้อากาศดีมาก เด็กๆ จึงไปเล่นที่สวนสาธารณะกับเพื่อนของพวกเขา", ["cp874"]),
    "Japanese": ("今日は天気がいいので、子供たちは公園で友達と遊びます。テレビは見ません。", ["cp932", "euc-jp"]),
    "Chinese, simplified": ("今天天气很好,所以孩子们和他们的朋友在公园里玩。我们也想去看看。", ["gb18030"]),
    "Chinese, traditional": ("今天天氣很好,所以孩子們和他們的朋友在公園裡玩。我們也想去看看。", ["big5"]),
    "Korean": ("오늘은 날씨가 좋아서 아이들이 친구들과 공원에서 놀고 있습니다. 우리도 가고 싶어요.", ["cp949"]),
    "Chinese in UTF-16": ("今天天气很好,所以孩子们和他们的朋友在公园里玩。我们也想去看看。", ["utf-16-le", "utf-16-be"]),
}
WHATWG = {"cp1252": "windows-1252", "latin-1": "windows-1252", "cp1250": "windows-1250", "cp1251": "windows-1251", "cp866": "ibm866",
          "cp1253": "windows-1253", "cp1255": "windows-1255", "cp1256": "windows-1256", "cp874": "windows-874", "cp932": "shift_jis",
          "cp949": "euc-kr", "utf-16-le": "utf-16le", "utf-16-be": "utf-16be"}
cases = [{"language": language, "encoding": WHATWG.get(codec, codec), "text": text, "bytes": base64.b64encode(text.encode(codec)).decode()}
         for language, (text, codecs) in SENTENCES.items() for codec in codecs]
path = pathlib.Path(__file__).with_name("encodings.json")
path.write_text('{"generator": "encodings.py", "cases": [\n%s\n]}\n' % ",\n".join(json.dumps(case, ensure_ascii=False) for case in cases))
