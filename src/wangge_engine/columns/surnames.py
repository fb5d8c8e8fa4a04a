"""Chinese surnames: enough of them (about 400 and the compound ones) to tell names from other words."""

from __future__ import annotations

import re

SINGLE = frozenset(
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许邓韩冯曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁"
    "任卢姚沈钟姜崔谭陆范汪廖石金韦贾夏付傅方邹熊白孟秦邱侯江尹薛闫阎段雷龙黎史陶贺毛郝顾龚邵万覃武钱"
    "戴严莫孔向常汤康易乔赖文欧阳章季殷葛庞尚施洪翟倪温牛安俞樊柳左邢鲁柯蓝童兰焦岳纪甘耿管鲍祝辛包霍"
    "梅裴卫翁卓房齐申屈解闵詹关滕尤单柴骆路裘苗成艾费凌臧宁盛娄祁涂边卜褚应储车栾冉蒲连古米谷符晏穆景"
    "党阮荆游习喻靳木项巩滑简饶瞿曲权鄢仇丛封商桂占粟庄佟匡郎练明戚靖麦官冷雍鞠糜池初荀伊原井竺虞宗戈"
    "苟计屠强岑郁缪海敖隋邬桑晋全候班仲刁楚位隆嵇宫席沙聂皮麻相闻贡茅时花平和水窦云奚郗厉战巫乌印宿怀"
    "逄逯慕茹楼暴钮伏代迟华蔺衣衡步盖经羊矫蓟母盘苑冀敬仝由从来修辜宝佘"
)
COMPOUND = (
    "欧阳",
    "司马",
    "上官",
    "诸葛",
    "司徒",
    "东方",
    "皇甫",
    "尉迟",
    "公孙",
    "慕容",
    "令狐",
    "长孙",
    "宇文",
    "夏侯",
)
_HAN_NAME = re.compile(r"[\u3400-\u9fff\U00020000-\U0003134f]{2,4}")
_MINORITY_NAME = re.compile(r"[\u3400-\u9fff]{2,12}([·•・][\u3400-\u9fff]{2,12})+")
_TITLED = re.compile(r"[\u3400-\u9fff]{1,2}(先生|女士|某+|小姐|同志|大爷|奶奶|[*＊×xX]{1,3})")
# Words that open with a surname character but are places, units or kinds.
_OTHER_WORDS = re.compile(
    r"(街道|社区|小区|公司|学校|医院|省|市|区|县|镇|乡|村|路|里|苑|园|楼|局|族|教|级|证|类)$"
)


def is_surnamed(text: str) -> bool:
    """Whether `text` reads like a person's name: surname first, 2 to 4 characters, or with middle dots."""
    bare = text.replace(" ", "").replace("\u3000", "")
    if _MINORITY_NAME.fullmatch(bare):
        return True
    if not (_HAN_NAME.fullmatch(bare) or _TITLED.fullmatch(bare)) or _OTHER_WORDS.search(bare):
        return False
    return bare[0] in SINGLE or bare.startswith(COMPOUND)
