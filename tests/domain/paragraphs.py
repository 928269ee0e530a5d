"""Paragraphs in many scripts, with the tokens that real tokenizers make of them.

Counted with o200k and cl100k (OpenAI), Gemma 3, Llama 3.1, Claude 2, DeepSeek 3, Tekken and Mistral 7B
(Mistral), SmolLM2, and a tokenizer of nearly single bytes.
"""

TOKENIZERS = (
    "o200k",
    "cl100k",
    "gemma3",
    "llama3_1",
    "claude",
    "deepseek_v3",
    "tekken",
    "mistral7b",
    "smollm2",
    "tiny",
)

PARAGRAPHS: dict[str, tuple[str, tuple[int, ...]]] = {
    "ru": (
        "Договор вступает в силу с момента его подписания обеими сторонами и действует до полного"
        " исполнения обязательств. Арендатор обязуется своевременно вносить арендную плату, подде"
        "рживать помещение в исправном состоянии и незамедлительно сообщать арендодателю о повреж"
        "дениях. Споры, возникающие из настоящего договора, разрешаются путём переговоров, а при "
        "невозможности достигнуть согласия передаются на рассмотрение суда по месту нахождения от"
        "ветчика.",
        (102, 191, 104, 119, 219, 127, 125, 159, 312, 837),
    ),
    "uk": (
        "Договір набирає чинності з моменту його підписання обома сторонами та діє до повного вик"
        "онання зобов'язань. Орендар зобов'язується вчасно сплачувати орендну плату, підтримувати"
        " приміщення у належному стані та негайно повідомляти орендодавця про пошкодження.",
        (83, 149, 79, 75, 151, 108, 92, 106, 195, 479),
    ),
    "ar": (
        "يدخل هذا العقد حيز التنفيذ من تاريخ توقيعه من قبل الطرفين ويستمر حتى الوفاء الكامل بالال"
        "تزامات. يلتزم المستأجر بدفع الإيجار في موعده والمحافظة على العقار في حالة جيدة وإبلاغ ال"
        "مؤجر فوراً عن أي أضرار. تحل النزاعات الناشئة عن هذا العقد عن طريق التفاوض، وإذا تعذر ذلك"
        " تحال إلى المحكمة المختصة.",
        (87, 200, 100, 105, 264, 107, 83, 253, 276, 529),
    ),
    "fa": (
        "این قرارداد از تاریخ امضای هر دو طرف لازم‌الاجرا است و تا انجام کامل تعهدات معتبر می‌مان"
        "د. مستأجر موظف است اجاره را به موقع پرداخت کند و ملک را در وضعیت خوب نگه دارد.",
        (52, 114, 51, 52, 161, 60, 50, 160, 166, 300),
    ),
    "he": (
        "הסכם זה ייכנס לתוקף ביום חתימתו על ידי שני הצדדים ויעמוד בתוקפו עד למילוי מלא של ההתחייב"
        "ויות. השוכר מתחייב לשלם את דמי השכירות במועד ולשמור על המושכר במצב תקין.",
        (62, 155, 72, 155, 141, 78, 74, 161, 173, 291),
    ),
    "hi": (
        "यह अनुबंध दोनों पक्षों के हस्ताक्षर की तिथि से लागू होगा और सभी दायित्वों के पूर्ण होने "
        "तक प्रभावी रहेगा। किरायेदार समय पर किराया देने, परिसर को अच्छी स्थिति में रखने और किसी भ"
        "ी क्षति की सूचना मकान मालिक को तुरंत देने के लिए बाध्य है।",
        (64, 221, 52, 123, 249, 123, 80, 241, 246, 611),
    ),
    "bn": (
        "এই চুক্তি উভয় পক্ষের স্বাক্ষরের তারিখ থেকে কার্যকর হবে এবং সমস্ত বাধ্যবাধকতা সম্পূর্ণ ন"
        "া হওয়া পর্যন্ত বলবৎ থাকবে। ভাড়াটিয়া সময়মতো ভাড়া পরিশোধ করতে এবং সম্পত্তি ভালো অবস্থ"
        "ায় রাখতে বাধ্য।",
        (61, 243, 37, 241, 338, 70, 73, 221, 356, 521),
    ),
    "ta": (
        "இந்த ஒப்பந்தம் இரு தரப்பினரும் கையெழுத்திட்ட தேதியிலிருந்து நடைமுறைக்கு வரும், அனைத்து க"
        "டமைகளும் முழுமையாக நிறைவேற்றப்படும் வரை செல்லுபடியாகும். வாடகைதாரர் வாடகையை சரியான நேரத்"
        "தில் செலுத்த வேண்டும்.",
        (67, 281, 48, 281, 374, 102, 77, 211, 350, 551),
    ),
    "th": (
        "สัญญานี้มีผลบังคับใช้ตั้งแต่วันที่ทั้งสองฝ่ายลงนามและมีผลจนก"
        "ว่าจะปฏิบัติตามข้อผูกพันครบถ้วน ผู้เช่าตกลงชำระค่าเช่าตรงเวล"
        "า ดูแลรักษาสถานที่ให้อยู่ในสภาพดี และแจ้งผู้ให้เช่าทันทีเมื่"
        "อเกิดความเสียหาย",
        (83, 186, 77, 94, 344, 81, 101, 199, 370, 583),
    ),
    "zh": (
        "本合同自双方签字之日起生效，至全部义务履行完毕之日止。承租人应按时支付租金，保持房屋完好，并在发生损坏时立即通知出租人。"
        "因本合同引起的争议，双方应通过协商解决；协商不成的，提交被告所在地人民法院审理。",
        (80, 112, 66, 85, 105, 55, 103, 111, 176, 301),
    ),
    "ja": (
        "本契約は、両当事者が署名した日から効力を生じ、すべての義務が履行されるまで有効とする。借主は、賃料を期日までに支払い、物"
        "件を良好な状態に保ち、損傷が生じた場合には直ちに貸主に通知しなければならない。",
        (88, 117, 59, 81, 113, 72, 89, 116, 178, 298),
    ),
    "ko": (
        "이 계약은 양 당사자가 서명한 날부터 효력이 발생하며 모든 의무가 이행될 때까지 유효하다."
        " 임차인은 임대료를 제때에 지급하고 건물을 양호한 상태로 유지하며"
        " 손상이 발생하면 즉시 임대인에게 알려야 한다.",
        (64, 117, 64, 68, 129, 72, 61, 117, 233, 281),
    ),
    "de": (
        "Dieser Vertrag tritt mit der Unterzeichnung durch beide Parteien in Kraft und gilt bis z"
        "ur vollständigen Erfüllung der Verpflichtungen. Der Mieter verpflichtet sich, die Miete "
        "pünktlich zu zahlen, die Räume in gutem Zustand zu erhalten und Schäden unverzüglich anz"
        "uzeigen. Die Rechtsstreitigkeiten werden vor dem Amtsgericht verhandelt.",
        (71, 97, 75, 97, 108, 93, 78, 104, 125, 249),
    ),
    "fr": (
        "Le présent contrat entre en vigueur à compter de sa signature par les deux parties et de"
        "meure valable jusqu'à l'exécution complète des obligations. Le locataire s'engage à paye"
        "r le loyer à l'échéance, à maintenir les lieux en bon état et à signaler immédiatement t"
        "out dommage au bailleur.",
        (62, 77, 64, 77, 89, 78, 64, 88, 98, 222),
    ),
    "es": (
        "El presente contrato entra en vigor a partir de su firma por ambas partes y permanece vi"
        "gente hasta el cumplimiento íntegro de las obligaciones. El arrendatario se compromete a"
        " pagar la renta puntualmente, mantener el inmueble en buen estado y comunicar de inmedia"
        "to cualquier daño.",
        (54, 69, 55, 69, 80, 69, 62, 82, 95, 194),
    ),
    "pl": (
        "Niniejsza umowa wchodzi w życie z chwilą podpisania przez obie strony i obowiązuje do ca"
        "łkowitego wykonania zobowiązań. Najemca zobowiązuje się do terminowego uiszczania czynsz"
        "u, utrzymywania lokalu w należytym stanie oraz niezwłocznego zgłaszania szkód.",
        (74, 97, 72, 97, 121, 81, 81, 102, 135, 218),
    ),
    "tr": (
        "Bu sözleşme her iki tarafça imzalandığı tarihte yürürlüğe girer ve yükümlülüklerin tamam"
        "ı yerine getirilinceye kadar geçerli kalır. Kiracı, kirayı zamanında ödemeyi, taşınmazı "
        "iyi durumda tutmayı ve hasarları derhal bildirmeyi kabul eder.",
        (69, 96, 68, 66, 110, 98, 77, 116, 118, 210),
    ),
    "fi": (
        "Tämä sopimus tulee voimaan molempien osapuolten allekirjoitettua sen ja on voimassa, kun"
        "nes kaikki velvoitteet on täytetty. Vuokralainen sitoutuu maksamaan vuokran ajallaan ja "
        "pitämään huoneiston hyvässä kunnossa.",
        (63, 76, 65, 76, 87, 73, 67, 88, 94, 170),
    ),
    "vi": (
        "Hợp đồng này có hiệu lực kể từ ngày được hai bên ký kết và kéo dài cho đến khi hoàn thàn"
        "h mọi nghĩa vụ. Bên thuê có trách nhiệm trả tiền thuê đúng hạn, giữ gìn tài sản trong tì"
        "nh trạng tốt và thông báo ngay khi có hư hỏng.",
        (59, 102, 57, 59, 155, 93, 61, 138, 169, 240),
    ),
    "el": (
        "Η παρούσα σύμβαση τίθεται σε ισχύ από την υπογραφή της από τα δύο μέρη και ισχύει μέχρι "
        "την πλήρη εκπλήρωση των υποχρεώσεων. Ο μισθωτής υποχρεούται να καταβάλλει εγκαίρως το μί"
        "σθωμα.",
        (68, 164, 69, 71, 201, 84, 70, 183, 153, 334),
    ),
    "ka": (
        "ეს ხელშეკრულება ძალაში შედის ორივე მხარის მიერ ხელმოწერის დღიდან და მოქმედებს ვალდებულებ"
        "ების სრულად შესრულებამდე.",
        (35, 211, 41, 211, 131, 81, 42, 114, 212, 312),
    ),
    "hy": (
        "Սույն պայմանագիրն ուժի մեջ է մտնում երկու կողմերի ստորագրման պահից և գործում է մինչև պար"
        "տավորությունների ամբողջական կատարումը։",
        (31, 236, 58, 212, 240, 64, 35, 138, 236, 237),
    ),
    "am": (
        "ይህ ውል በሁለቱም ወገኖች ከተፈረመበት ቀን ጀምሮ ተፈጻሚ ይሆናል እና ሁሉም ግዴታዎች እስኪፈጸሙ ድረስ ጸንቶ ይቆያል።",
        (135, 178, 46, 178, 193, 141, 178, 174, 180, 196),
    ),
    "en": (
        "This agreement takes effect on the date it is signed by both parties and remains in forc"
        "e until all obligations have been fulfilled. The tenant undertakes to pay the rent when "
        "due, to keep the premises in good condition and to notify the landlord of any damage wit"
        "hout delay. Disputes arising from this agreement shall be settled by negotiation and, fa"
        "iling that, by the competent court.",
        (75, 75, 72, 75, 74, 75, 76, 82, 74, 262),
    ),
}
