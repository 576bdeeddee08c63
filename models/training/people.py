"""Made-up people: nobody here exists. Numbers carry a right check digit unless asked otherwise."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔"
    "钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤"
    "牛樊葛邢安齐易乔伍庞颜倪庄聂章鲁岳翟殷詹"
)
DOUBLE_SURNAMES = ("欧阳", "上官", "司马", "诸葛", "皇甫", "尉迟", "慕容", "令狐")
GIVEN_MALE = (
    "伟强磊军勇涛明超刚平辉鹏华飞杰波亮健建国志文斌宇浩凯俊博峰林海龙东成庆永春生荣新民光德福贵祥忠良泽轩睿宸"
    "武炎毅威虎豪雄彪彬恒昌盛耀祖权钢铁柱根锋锐鸿翔骏骥腾达伦振堂栋梁岩岗峻嵩昊旭晖晟晨曦烨炜煜燃坤乾震霆雷霖"
    "泓沛渊浚淳济洲滨江河湖池津溪潮澜贤才智仁义礼信诚谦恩惠孝廉勤俭克绍承继传宗启元展奇政宪法律典章铭铮铠镇锦"
    "钧钊琛琦瑞璋珂尧舜禹"
)
GIVEN_FEMALE = (
    "芳娜敏静丽艳娟霞秀英玲桂兰红梅燕婷雪倩颖佳慧莉娥琴云洁琳萍丹蕾薇瑶璐怡梦萱涵妍诗琪欣悦彤珍淑凤娇媛婉婕姝"
    "姣嫣嫦妮娅媚婵姗婧莹莲蓉蓓芝芬芸芹菊菲萌蔓蕊蕙荷薰苗茜茹若荔竹翠碧青黛紫朱彩虹霓露霜冰寒秋冬夏月星晓晴晶"
    "昕昭映暖香馨韵音歌舞琼瑾瑜瑛珊珠玥璇琬玉环钰钗银巧灵素纯绮绣纤织绢绵缨羽翎鸽鹂莺雁凝思忆念恋爱怜惜舒畅"
)
GIVEN_EITHER = (
    "安康宁乐和顺天一子少小大长远方圆正清雅书画卓立行言语知心可以如意景阳辰申丁卯寅午未来今古世代家园田野山川"
    "石松柏杨柳桐榕楠桦枫森树叶花果实丰盈满余嘉吉喜欢双全之其然也斯尔艾黎希望向前进步跃升高齐同共友朋群众帅师"
    "善美好真诺默"
)
MINORITY_NAMES = (
    "买买提·吐尔逊",
    "阿依古丽·艾合买提",
    "努尔兰·哈布力",
    "迪丽娜尔·阿布都热合曼",
    "次仁多吉",
    "扎西·尼玛次仁",
    "阿孜古丽·麦麦提依明江",
    "库尔班江·赛买提",
    "乌兰图雅",
    "阿布都克里木·买买提伊敏尼",
    "巴特尔",
    "娜仁托娅",
    "热依汗古丽·阿卜杜外力江尼",
    "吐尔洪·依布拉音",
    "帕提古丽·玉素甫",
    "古丽仙·托乎提",
    "叶尔肯·别克",
    "加娜尔·吾拉木",
    "白玛央金",
    "索南卓玛",
    "洛桑·益西坚赞",
    "吉克阿衣",
    "阿尔木呷",
    "金顺姬",
    "阿力木江·买买提明",
)
# fmt: off
ETHNIC_GROUPS = (
    "汉", "蒙古", "回", "藏", "维吾尔", "苗", "彝", "壮", "布依", "朝鲜", "满", "侗", "瑶", "白", "土家", "哈尼",
    "哈萨克", "傣", "黎", "傈僳", "佤", "畲", "高山", "拉祜", "水", "东乡", "纳西", "景颇", "柯尔克孜", "土",
    "达斡尔", "羌", "布朗", "撒拉", "毛南", "仡佬", "锡伯", "阿昌", "普米", "塔吉克", "怒", "乌孜别克", "俄罗斯",
    "鄂温克", "德昂", "保安", "裕固", "京", "塔塔尔", "独龙", "鄂伦春", "赫哲", "门巴", "珞巴", "基诺", "仫佬",
)
# fmt: on
# County-level divisions with their GB/T 2260 codes: (code, province and prefecture, county).
DIVISIONS = (
    ("110108", "北京市", "海淀区"),
    ("120103", "天津市", "河西区"),
    ("130102", "河北省石家庄市", "长安区"),
    ("130425", "河北省", "大名县"),
    ("140105", "山西省太原市", "小店区"),
    ("150102", "内蒙古呼和浩特市", "新城区"),
    ("210102", "辽宁省沈阳市", "和平区"),
    ("220104", "吉林省长春市", "朝阳区"),
    ("222401", "吉林省", "延吉市"),
    ("230103", "黑龙江省哈尔滨市", "南岗区"),
    ("310115", "上海市", "浦东新区"),
    ("320106", "江苏省南京市", "鼓楼区"),
    ("320583", "江苏省", "昆山市"),
    ("330106", "浙江省杭州市", "西湖区"),
    ("330782", "浙江省", "义乌市"),
    ("340104", "安徽省合肥市", "蜀山区"),
    ("341226", "安徽省", "颍上县"),
    ("350203", "福建省厦门市", "思明区"),
    ("360102", "江西省南昌市", "东湖区"),
    ("360730", "江西省", "宁都县"),
    ("370202", "山东省青岛市", "市南区"),
    ("371725", "山东省", "郓城县"),
    ("410105", "河南省郑州市", "金水区"),
    ("411528", "河南省", "息县"),
    ("420106", "湖北省武汉市", "武昌区"),
    ("421087", "湖北省", "松滋市"),
    ("430102", "湖南省长沙市", "芙蓉区"),
    ("431224", "湖南省", "溆浦县"),
    ("440305", "广东省深圳市", "南山区"),
    ("441825", "广东省", "连山壮族瑶族自治县"),
    ("450103", "广西南宁市", "青秀区"),
    ("451024", "广西", "德保县"),
    ("460105", "海南省海口市", "秀英区"),
    ("500103", "重庆市", "渝中区"),
    ("510104", "四川省成都市", "锦江区"),
    ("513322", "四川省甘孜州", "泸定县"),
    ("520103", "贵州省贵阳市", "云岩区"),
    ("522632", "贵州省", "榕江县"),
    ("530102", "云南省昆明市", "五华区"),
    ("533323", "云南省怒江州", "福贡县"),
    ("540102", "西藏拉萨市", "城关区"),
    ("610113", "陕西省西安市", "雁塔区"),
    ("610722", "陕西省", "城固县"),
    ("620102", "甘肃省兰州市", "城关区"),
    ("630102", "青海省西宁市", "城东区"),
    ("640104", "宁夏银川市", "兴庆区"),
    ("650102", "新疆乌鲁木齐市", "天山区"),
    ("653101", "新疆", "喀什市"),
    ("110105", "北京市", "朝阳区"),
    ("152201", "内蒙古", "乌兰浩特市"),
    ("210211", "辽宁省大连市", "甘井子区"),
    ("320507", "江苏省苏州市", "相城区"),
    ("330212", "浙江省宁波市", "鄞州区"),
    ("350526", "福建省", "德化县"),
    ("370883", "山东省", "邹城市"),
    ("411722", "河南省", "上蔡县"),
    ("421126", "湖北省", "蕲春县"),
    ("430181", "湖南省", "浏阳市"),
    ("445224", "广东省", "惠来县"),
    ("511725", "四川省", "渠县"),
    ("532501", "云南省", "个旧市"),
    ("620523", "甘肃省", "甘谷县"),
    ("632701", "青海省", "玉树市"),
    ("652901", "新疆", "阿克苏市"),
)
ROADS = (
    "人民路",
    "解放大道",
    "中山东路",
    "建设街",
    "文化巷",
    "滨河南路",
    "新华街",
    "学院路",
    "光明里",
    "长江西路",
)
VILLAGES = (
    "李家村",
    "石桥村",
    "东风村",
    "柳树屯",
    "上坪村",
    "大河乡龙潭村",
    "城关镇南关村",
    "双河镇白马村",
)
ESTATES = ("阳光花园", "锦绣家园", "翠湖小区", "龙泉山庄", "世纪新城", "碧水湾")


@dataclass(frozen=True)
class Person:
    name: str
    gender: str
    ethnicity: str
    birth_date: date
    address: str
    id_number: str
    issued_by: str
    valid_from: date
    valid_to: date | None  # None is 长期


def check_digit(first17: str) -> str:
    """ISO 7064 MOD 11-2, as GB 11643 writes it."""
    weights = [2 ** (17 - i) % 11 for i in range(17)]
    return "10X98765432"[sum(int(d) * w for d, w in zip(first17, weights, strict=True)) % 11]


def make_name(rng: np.random.Generator, gender: str) -> str:
    if rng.random() < 0.06:
        return str(rng.choice(MINORITY_NAMES))
    surname = (
        str(rng.choice(DOUBLE_SURNAMES)) if rng.random() < 0.04 else str(rng.choice(list(SURNAMES)))
    )
    given = list((GIVEN_MALE if gender == "男" else GIVEN_FEMALE) + GIVEN_EITHER)
    return surname + "".join(rng.choice(given, 1 if rng.random() < 0.25 else 2))


def make_address(rng: np.random.Generator, region: str, county: str) -> str:
    """From a bare village (10 characters) to a full flat (up to 35)."""
    start = region + county
    if rng.random() < 0.45:
        village = str(rng.choice(VILLAGES))
        tail = f"{rng.integers(1, 30)}组" if rng.random() < 0.5 else ""
        tail += f"{rng.integers(1, 400)}号" if rng.random() < 0.8 else ""
        return (start + village + tail)[:35]
    street = f"{rng.choice(ROADS)}{rng.integers(1, 900)}号"
    if rng.random() < 0.6:
        street += f"{rng.choice(ESTATES)}{rng.integers(1, 60)}幢{rng.integers(1, 6)}单元{rng.integers(101, 2999)}室"
    return (start + street)[:35]


def make_authority(region: str, county: str) -> str:
    if county.endswith("区"):
        city = region[region.find("省") + 1 :] if "省" in region else region
        city = next((city[i:] for i in range(len(city)) if city[i:] in CITIES), city)
        return f"{city}公安局{county[:-1]}分局"
    return f"{county}公安局"


CITIES = {
    f"{c}市"
    for c in [
        "北京",
        "天津",
        "石家庄",
        "太原",
        "呼和浩特",
        "沈阳",
        "长春",
        "哈尔滨",
        "上海",
        "南京",
        "杭州",
        "合肥",
        "厦门",
        "南昌",
        "青岛",
        "郑州",
        "武汉",
        "长沙",
        "深圳",
        "南宁",
        "海口",
        "重庆",
        "成都",
        "贵阳",
        "昆明",
        "拉萨",
        "西安",
        "兰州",
        "西宁",
        "银川",
        "乌鲁木齐",
        "大连",
        "苏州",
        "宁波",
    ]
}


def make_validity(rng: np.random.Generator, birth: date) -> tuple[date, date | None]:
    """Art. 5 of the ID card law: 5 years under 16, 10 to 25, 20 to 45, then for good."""
    first = max(date(2005, 1, 1), birth + timedelta(days=60))
    start = first + timedelta(days=int(rng.integers(0, (date(2026, 6, 1) - first).days)))
    age = start.year - birth.year - ((start.month, start.day) < (birth.month, birth.day))
    if age >= 46:
        return start, None
    years = 5 if age < 16 else 10 if age < 26 else 20
    if (start.month, start.day) == (2, 29):
        start = start.replace(day=28)
    return start, start.replace(year=start.year + years)


def make_person(rng: np.random.Generator, *, wrong_number: bool = False) -> Person:
    gender = str(rng.choice(["男", "女"]))
    birth = date(1935, 1, 1) + timedelta(days=int(rng.integers(0, 32000)))
    code, region, county = DIVISIONS[rng.integers(len(DIVISIONS))]
    sequence = int(rng.integers(0, 500)) * 2 + (gender == "男") or 2  # 000 is never given
    first17 = f"{code}{birth:%Y%m%d}{sequence:03d}"
    last = check_digit(first17)
    if wrong_number:
        last = str(rng.choice([c for c in "0123456789X" if c != last]))
    ethnicity = "汉" if rng.random() < 0.6 else str(rng.choice(ETHNIC_GROUPS))
    start, end = make_validity(rng, birth)
    return Person(
        name=make_name(rng, gender),
        gender=gender,
        ethnicity=ethnicity,
        birth_date=birth,
        address=make_address(rng, region, county),
        id_number=first17 + last,
        issued_by=make_authority(region, county),
        valid_from=start,
        valid_to=end,
    )
