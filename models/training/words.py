"""The written parts of made-up names, roads and estates: data only, all our own.

Every name is composed of these parts at random; parts that would bring a well-known living person's
whole name about are left out on purpose.
"""

from __future__ import annotations

# Single surnames rarer than the frequency lists reach; weights come in tables.py.
RARE_SURNAMES = tuple(
    "卞伏酆滑昌喻水窦葛奚范彭郎苗凤俞鲍酆滕殷毕邬乐于皮齐康伍余元卜顾孟平和萧姚邵堪汪祁毛禹狄米贝明臧"
    "计成戴宋茅庞纪舒屈项祝董粱杜阮席季麻强贾路娄危江童颜郭梅盛刁钟丘骆高夏蔡田樊胡凌霍虞万支柯昝管卢莫"
    "房裘缪干解应宗宣贲邓郁单杭洪包诸左石崔吉龚程邢滑裴陆荣翁荀羊惠甄曲封芮羿储靳汲邴糜松井段富巫乌焦巴"
    "弓牧隗山谷车侯宓蓬郗班仰秋仲伊宫宁仇栾暴甘斜厉戎祖武符刘景詹束龙叶幸司韶郜黎蓟薄印宿怀蒲邰从鄂索咸"
    "籍赖卓蔺屠蒙池乔阴胥能苍双莘党翟谭贡劳逄姬申扶堵冉宰郦雍璩桑桂濮牛寿通边扈燕冀郏浦尚农别庄晏柴瞿阎"
    "充慕连茹习宦艾鱼容向古易慎戈廖庾终暨居衡步都耿满弘匡国文寇广禄阙东殴殳沃利蔚越夔隆师巩厍聂晁勾敖融"
    "冷訾辛阚那简饶空曾沙乜养鞠须丰巢关蒯相查后荆红游竺权逯盖益桓仉督岳帅缑亢况郈有琴归海晋楚闫法汝鄢"
    "涂钦商牟佘佴伯墨哈谯笪年爱阳佟第五言福邸禤亓逄麴湛揣仝冼銮呙咎肇鄞郄璩戢甯臾茆竹邝奉闭泮佀生欧"
)
DOUBLE_SURNAMES = tuple(
    "万俟 司马 上官 欧阳 夏侯 诸葛 闻人 东方 赫连 皇甫 尉迟 公羊 澹台 公冶 宗政 濮阳 淳于 单于 太叔 申屠 公孙 "
    "仲孙 轩辕 令狐 钟离 宇文 长孙 慕容 鲜于 闾丘 司徒 司空 亓官 司寇 颛孙 端木 巫马 公西 漆雕 乐正 壤驷 公良 "
    "拓跋 夹谷 宰父 谷梁 段干 百里 东郭 南门 呼延 羊舌 微生 梁丘 左丘 东门 西门 南宫 第五 范姜 刘付 张简 陆费 "
    "纳兰 完颜 独孤 达奚 哥舒 贺兰 屈突 叱干 邓李 陈林 即墨 子车".split()
)

UYGHUR_MEN = tuple(
    "阿卜杜拉 阿卜力米提 阿卜杜热合曼 阿卜杜克里木 阿卜杜外力 阿卜来提 阿布都热西提 阿布都外力 阿布力孜 阿布都克里木 "
    "阿迪力 阿力木 阿里木江 阿不来提 阿不都热依木 艾合买提 艾尔肯 艾海提 艾山 艾力 艾买提 艾孜孜 安外尔 巴拉提 巴图尔 "
    "达吾提 地里夏提 迪力夏提 多力坤 哈力克 海米提 喀迪尔 卡德尔 卡米力 凯赛尔 库尔班 库尔班江 马木提 买买提 买买提明 "
    "买买提伊明 麦麦提 麦麦提依明 麦麦提图尔荪 米吉提 木合塔尔 木拉提 木沙 穆合塔尔 穆萨 穆太力普 尼加提 尼亚孜 "
    "努尔买买提 努尔艾合买提 努尔江 排孜拉 普拉提 热合曼 热合木 热西提 热杰普 肉孜 如孜 赛买提 赛都拉 沙吾提 "
    "斯迪克 司马义 塔依尔 塔西 吐尔地 吐尔洪 吐尔逊 吐送江 托合提 托乎提 托合提麦麦提 图尔荪 图尔贡 外力 乌斯曼 吾斯曼 "
    "吾买尔 吾甫尔 西尔艾力 夏力甫 亚森 亚库甫 牙生 依布拉音 依马木 依明 依斯拉木 伊敏 伊敏江 伊斯马伊力 "
    "玉苏普 玉素甫 玉山 约麦尔 再努丁 祖农 奥布力 奥斯曼 胡达拜地 喀斯木 卡斯木 阿布都热合曼 阿布都沙拉木 阿卜杜萨拉木 阿卜杜热依木 阿卜杜如苏力 阿卜杜凯尤木 阿布都吾普尔 阿卜力克木江 "
    "麦麦提阿卜杜拉 麦麦提吐尔逊 麦麦提艾力 图尔荪麦麦提 艾合麦提江 奥布力喀斯木 吐尔逊买买提 阿布都哈力克 阿布都卡迪尔 "
    "阿布都热西提江 依布拉音江 萨迪尔 萨吾尔 苏莱曼 苏力坦".split()
)
UYGHUR_WOMEN = tuple(
    "阿依古丽 阿依努尔 阿依夏木 阿依谢姆 阿孜古丽 阿米娜 阿提古丽 阿瓦古丽 阿娜尔古丽 阿依提拉 布合力其 布祖拉 布再乃普 "
    "帕提古丽 帕提曼 帕丽旦 古丽 古丽仙 古丽娜尔 古丽巴哈尔 古丽米热 古丽加玛丽 古丽努尔 古海尔 哈丽旦 海丽且姆 "
    "汗古丽 吉米莱 康巴尔尼沙 克丽比努尔 玛依努尔 麦尔耶姆 麦迪乃 米热古丽 米克热依 米娜瓦尔 木巴热克 姆妮热 "
    "娜孜古丽 努尔曼古丽 努尔比耶 努热曼古丽 努尔斯曼 热孜万古丽 热依汗 热依汗古丽 热娜古丽 茹先古丽 茹克耶 萨拉买提 "
    "赛乃姆 沙拉麦提 莎妮娅 尼格热 孜拉来 孜乃提 祖丽胡马尔 祖木来提 祖丽皮亚 迪丽娜尔 迪丽努尔 地丽努尔 迪里拜尔 "
    "吐逊古丽 图尔荪古丽 托合提古丽 曼孜热 买合布拜 其曼古丽 夏依旦 亚森古丽 伊巴代提 依帕尔 再吐娜 佐日古丽 "
    "早热古丽 色乃外尔 毛丽旦 热孜亚 阿尔孜古丽 凯麦尔尼沙 帕孜来提 比力克孜 阿依图尔荪 古丽斯坦 热孜宛古丽 帕提麦罕 阿卜力孜古丽 麦尔哈巴 图尔荪阿依 热依汗古丽江".split()
)
KAZAKH_MEN = tuple(
    "努尔兰 叶尔兰 叶尔肯 叶尔波力 叶尔江 叶尔多斯 巴合提 巴合提别克 波拉提 别克 别克波力 达吾列提 达尼亚尔 哈布力 "
    "哈力别克 哈山 海拉提 胡安别克 加尔肯 加尼别克 江波拉提 居马别克 居马太 喀布力 卡德尔别克 阔克西 马合沙提 马达尼亚提 "
    "木拉提别克 木哈买提 努尔别克 努尔太 努尔波拉提 赛力克 赛力克江 赛里克波力 沙依劳 沙合多拉 托列根 托列吾别克 托合塔尔 "
    "吐尔逊别克 吾拉扎 吾拉木 夏木斯 依力亚斯 也尔克 阿扎提 阿依丁 阿斯哈尔 阿布力哈孜 阿德力 阿克木 艾林 毛兰 米拉提 "
    "恩特马克 铁留汗 布尔兰 哈那提 解恩斯 马尔旦 斯哈克 塔力哈提 胡尔曼 拜山 金恩斯 乌兰别克".split()
)
KAZAKH_WOMEN = tuple(
    "加娜尔 加依娜 古丽扎 古丽娜 古丽夏提 阿依登 阿依格林 阿依努尔 阿依达娜 阿丽玛 巴哈尔 巴合提古丽 波塔 达娜 "
    "叶丽达娜 哈丽玛 海夏 卡丽玛 库丽夏 库来西 玛丽娅 玛尔江 玛依拉 木尼拉 娜孜依拉 努尔古丽 赛娜 赛莱 萨尼亚 沙吾列 "
    "沙依拉 索菲亚 托汗 叶尔克古丽 扎依拉 扎米拉 再娜西 阿克玛拉力 恩古丽 阿尔达克 哈尼帕 江阿古丽 美拉 帕丽扎 "
    "萨吾列 加玛丽 奴尔沙吾列 巴合扎提 叶斯木汗 居米拉".split()
)
TIBETAN_EITHER = tuple(
    "扎西 次仁 多吉 尼玛 达瓦 平措 旺堆 顿珠 索南 洛桑 丹增 格桑 仁青 仁增 桑珠 坚赞 罗布 普布 边巴 巴桑 米玛 拉巴 "
    "强巴 旺扎 旺久 欧珠 益西 阿旺 贡布 贡觉 曲扎 次旺 次旦 晋美 久美 加措 嘎玛 土登 赤列 班觉 白玛 扎巴 群培 格列 "
    "才让 东珠 南杰 更登 俄洛 尕藏 完么 项秀 拉毛 吾金 仁钦 华旦 万玛 昂旺 江白 塔青".split()
)
TIBETAN_WOMEN = tuple(
    "卓玛 央金 拉姆 曲珍 卓嘎 德吉 旺姆 白珍 仓决 措姆 吉宗 普赤 玉珍 次珍 梅朵 央宗 巴姆 色珍 群宗 确吉 桑姆 吉毛 "
    "草 拉措 措毛 拥措 志玛 娜姆".split()
)
MONGOL_MEN = tuple(
    "巴特尔 巴图 巴雅尔 宝音 宝力高 布和 布仁 朝鲁 朝克图 达来 额尔敦 哈斯 呼和 吉日嘎拉 孟和 孟克 那顺 那日苏 敖其尔 "
    "毕力格 青格乐 苏和 苏雅拉 特木尔 特古斯 图门 乌力吉 乌恩其 锡林 扎木苏 阿拉坦 恩和 铁木尔 胡日查 满都拉 牧仁 "
    "格日勒 桑布 道尔吉 丹巴 希日莫 旭日 莫日根 赛音 白音 额日和木".split()
)
MONGOL_MEN_ENDS = ("", "图", "巴图", "孟和", "巴雅尔", "仓", "达来", "毕力格", "巴根", "夫")
MONGOL_WOMEN = tuple(
    "娜仁 乌云 萨仁 斯琴 阿拉坦 乌日 乌兰 通拉 塔娜 萨如拉 苏日 娜布其 敖登 金花 哈斯 阿茹 其木格 额尔敦 苏布德 托娅 "
    "图雅 高娃 奥云 宝力 木其尔 呼斯楞 南丁 诺敏 安茹".split()
)
MONGOL_WOMEN_ENDS = ("", "图雅", "托娅", "高娃", "其其格", "格日乐", "其木格", "花", "娜", "嘎")
YI_CLANS = tuple(
    "吉克 阿尔 沙马 阿的 吉火 曲比 勒伍 马海 吉木 阿苦 俄木 海来 尔古 安吉 的日 罗洪 吉伍 阿力 木乃 莫色 苏呷 瓦扎 "
    "加巴 阿库 比布 且沙 曲木 日黑 吉子 八且 恩扎 金古 拉马 尼惹 邱莫 色 水洛 贾巴".split()
)
YI_MEN = tuple(
    "木呷 拉体 尔日 伍牛 布都 克日 阿木 子古 史布 古体 尔夫 友格 木果 日尔 拉哈 伍各 尔布 尔哈 惹古 伍呷惹 石布 曲者 "
    "拉铁 木乃 么惹 取哈 五达 伍沙 小兵 建华".split()
)
YI_WOMEN = tuple(
    "阿衣 阿依 伍果 伍呷 阿支 史洗 日洗 么 木果 尔作 阿果 牛牛 阿牛 子作 史牛 拉作 尔洗 阿呷 作洗 石作 五支 阿芝".split()
)
KOREAN_SURNAMES = tuple("金朴李崔郑全黄许尹韩姜玄方南太池玉安林赵张吴柳文千")
KOREAN_MEN = (
    tuple("哲光成明学虎奎镇锡龙日京昌东相永基泰贤承"),
    tuple("浩哲龙日男洙国植学星燮焕范奎俊元镐弼勋"),
)
KOREAN_WOMEN = (tuple("顺英美贞玉香春明花善海莲今京惠"), tuple("姬淑子花兰爱玉善女实丹莲顺今美"))
DAI_PARTS = tuple("温罕香叫恩应坎庄光胆龙光叶旺约儿拉丙遍的罗三甩勐论伦赛洪捧")
LAHU_PARTS = tuple("体约克母努迫莫妥儿发药思倮袜四朵海丕务")
WA_PARTS = tuple("嘎门块茸那倒惹板坎帅龙兰农到拉三上搞")
JINGPO_CLANS = tuple("勒排 木然 排早 恩昆 麻 勒 木 排 早 雷 跑 赵 岳 何 孔".split())
JINGPO_GIVEN = tuple(
    "麻干 麻诺 麻汤 麻锐 勒干 勒弄 木兰 木果 木图 木便 早山 早东 弄 干 诺 汤 则 鲁 锐 宽".split()
)
RUSSIAN_MEN = tuple("尼古拉 伊万 谢尔盖 米沙 阿廖沙 瓦洛佳 瓦西里 维克多 安德烈 帕维尔".split())
RUSSIAN_WOMEN = tuple("娜塔莎 卡佳 柳芭 薇拉 塔玛拉 奥丽娅 玛莎 丽达 尼娜 索尼娅".split())
RUSSIAN_ENDS = tuple(
    "伊万诺夫 彼得罗夫 科兹洛夫 尼基丁 索科洛夫 莫罗佐夫 沃尔科夫 杜波夫 基谢廖夫 奥尔洛夫".split()
)

# fmt: off
# GB/T 3304 without 汉, most people first (about their order in the census), and one local approval.
ETHNIC_GROUPS = (
    "壮", "维吾尔", "回", "苗", "满", "彝", "土家", "藏", "蒙古", "布依", "侗", "瑶", "白", "哈尼", "朝鲜", "黎",
    "哈萨克", "傣", "东乡", "傈僳", "畲", "仡佬", "拉祜", "水", "佤", "纳西", "羌", "土", "仫佬", "柯尔克孜", "锡伯",
    "撒拉", "景颇", "达斡尔", "布朗", "毛南", "塔吉克", "普米", "阿昌", "怒", "鄂温克", "京", "基诺", "保安", "德昂",
    "俄罗斯", "裕固", "乌孜别克", "门巴", "鄂伦春", "独龙", "赫哲", "高山", "珞巴", "塔塔尔", "穿青人",
)
# fmt: on

ROAD_WORDS = tuple(
    "人民 解放 建设 中山 文化 新华 和平 胜利 光明 滨江 滨河 沿河 环城 迎宾 学院 工业 创业 科技 育才 朝阳 东风 红旗 "
    "团结 友谊 幸福 长安 长江 黄河 珠江 太湖 洞庭 泰山 华山 昆仑 天山 衡山 嵩山 金山 银山 凤凰 龙泉 白云 青年 五一 "
    "八一 七一 民主 民生 民族 富强 复兴 振兴 兴隆 兴业 兴盛 昌盛 永安 永兴 安康 康宁 宁静 府前 县前 政府 邮电 交通 "
    "车站 火车站 机场 港口 码头 老街 新街 古城 城东 城西 城南 城北 东关 西关 南关 北关 东门 西门 南门 北门 水门 钟楼 鼓楼 "
    "文昌 文庙 孔庙 书院 状元 翰林 桂花 梅园 兰亭 竹园 菊园 荷花 莲花 桃源 杏花 梨园 柳荫 松柏 梧桐 银杏 樱花 玉兰 海棠 "
    "石桥 双桥 虹桥 断桥 天桥 立交 井冈山 延安 遵义 瑞金 西柏坡 大庆 深圳 上海 北京 南京 广州 杭州 苏州 成都 重庆".split()
)
ROAD_FIRST = tuple("长安永兴富东西南北新古金银玉龙凤翠碧清云天星华锦春秋福德仁义")
ROAD_SECOND = tuple("安康宁平兴隆昌盛华阳山河江湖海川泉溪桥亭林园苑和顺达通源丰泰")
ROAD_KINDS = (
    "路",
    "东路",
    "西路",
    "南路",
    "北路",
    "中路",
    "大道",
    "街",
    "大街",
    "东街",
    "西街",
    "南街",
)
ROAD_KINDS += (
    "北街",
    "巷",
    "胡同",
    "里",
    "一路",
    "二路",
    "三路",
    "支路",
    "横街",
    "后街",
    "前街",
    "一巷",
)
ESTATE_WORDS = tuple(
    "阳光 锦绣 翠湖 龙泉 世纪 碧水 金色 银河 香樟 丽景 水岸 滨江 江南 学府 书香 万和 恒信 中天 时代 都市 怡景 怡和 "
    "嘉禾 嘉和 华庭 盛世 帝景 御景 名门 东方 西城 南湖 北苑 紫薇 玫瑰 牡丹 蓝天 绿洲 绿地 橡树 枫林 云顶 天悦 星河 "
    "湖畔 海韵 山水 观澜 和谐 康居 安居 福满 吉祥 如意 长虹 幸福 建业 兴业 教师 铁路 电力 纺织 矿务局 供销社 粮食局".split()
)
ESTATE_KINDS = (
    "花园",
    "花苑",
    "小区",
    "新村",
    "家园",
    "公寓",
    "嘉园",
    "名苑",
    "华府",
    "豪庭",
    "山庄",
    "新城",
)
ESTATE_KINDS += (
    "雅苑",
    "国际",
    "佳苑",
    "半岛",
    "公馆",
    "御园",
    "名都",
    "世家",
    "家属院",
    "宿舍",
    "住宅小区",
    "湾",
)

# ISO 3166-1: Chinese name, three letters, three digits; family and given names usual there.
# fmt: off
NATIONS = (
    ("美国", "USA", "840", "en"), ("英国", "GBR", "826", "en"), ("加拿大", "CAN", "124", "en"),
    ("澳大利亚", "AUS", "036", "en"), ("新西兰", "NZL", "554", "en"), ("爱尔兰", "IRL", "372", "en"),
    ("法国", "FRA", "250", "fr"), ("比利时", "BEL", "056", "fr"), ("德国", "DEU", "276", "de"),
    ("奥地利", "AUT", "040", "de"), ("瑞士", "CHE", "756", "de"), ("意大利", "ITA", "380", "it"),
    ("西班牙", "ESP", "724", "es"), ("墨西哥", "MEX", "484", "es"), ("阿根廷", "ARG", "032", "es"),
    ("巴西", "BRA", "076", "pt"), ("葡萄牙", "PRT", "620", "pt"), ("俄罗斯", "RUS", "643", "ru"),
    ("乌克兰", "UKR", "804", "ru"), ("日本", "JPN", "392", "ja"), ("韩国", "KOR", "410", "ko"),
    ("新加坡", "SGP", "702", "zh"), ("马来西亚", "MYS", "458", "zh"), ("泰国", "THA", "764", "th"),
    ("越南", "VNM", "704", "vi"), ("印度", "IND", "356", "hi"), ("巴基斯坦", "PAK", "586", "ur"),
    ("瑞典", "SWE", "752", "sv"), ("波兰", "POL", "616", "pl"), ("土耳其", "TUR", "792", "tr"),
)
# fmt: on
# By language: family names, men's names, women's names.
LATIN_NAMES = {
    "en": (
        "SMITH WALKER COOPER HUGHES BENNETT MURPHY GRANT PARSONS HOLLOWAY ASHTON FLETCHER O'NEILL",
        "JAMES THOMAS DANIEL PETER MATTHEW SIMON ANDREW COLIN GRAHAM PATRICK STEPHEN ADAM",
        "EMILY SARAH ANNE CLAIRE HELEN RACHEL MARY JULIA LAURA JANE ALICE MARGARET",
    ),
    "fr": (
        "MARTIN BERNARD DUBOIS MOREAU LAMBERT GIRARD FAURE ROUSSEL CHEVALIER",
        "PIERRE LUC JULIEN ANTOINE NICOLAS HENRI JEAN-MARC OLIVIER",
        "MARIE SOPHIE CAMILLE ELISE HELENE JULIE ANNE-LAURE NATHALIE",
    ),
    "de": (
        "MUELLER SCHNEIDER WAGNER HOFFMANN KRAUSE BRANDT VOGEL ZIMMERMANN LINDNER KUHN",
        "HANS STEFAN MARKUS JUERGEN FLORIAN KLAUS MATTHIAS JAN",
        "ANNA KATRIN SABINE HEIKE MONIKA LENA ULRIKE PETRA",
    ),
    "it": (
        "ROSSI BIANCHI COLOMBO RICCI GALLO FONTANA MORETTI",
        "MARCO LUCA PAOLO ANDREA GIORGIO STEFANO",
        "GIULIA CHIARA ELENA FRANCESCA PAOLA SILVIA",
    ),
    "es": (
        "GARCIA LOPEZ FERNANDEZ TORRES RAMIREZ CASTILLO NAVARRO MOLINA",
        "CARLOS JAVIER MIGUEL DIEGO PABLO ANDRES",
        "LUCIA CARMEN ELENA PAULA SOFIA ISABEL",
    ),
    "pt": (
        "SILVA SANTOS PEREIRA COSTA ALMEIDA RIBEIRO CARVALHO",
        "JOAO PEDRO RAFAEL BRUNO TIAGO",
        "ANA BEATRIZ CARLA INES MARIANA",
    ),
    "ru": (
        "IVANOV PETROV SOKOLOV MOROZOV KOZLOV VOLKOV KUZMIN BONDAR",
        "ALEKSEI DMITRII SERGEI ANDREI MIKHAIL OLEG",
        "OLGA IRINA TATIANA ELENA SVETLANA NINA",
    ),
    "ja": (
        "SATO SUZUKI TANAKA WATANABE ITO YAMAMOTO NAKAMURA KOBAYASHI",
        "KENJI TAKESHI HIROSHI DAISUKE MAKOTO",
        "YUKO AKIKO NAOMI KEIKO MAYUMI",
    ),
    "ko": (
        "KIM LEE PARK CHOI JUNG KANG YOON HAN",
        "MINSU SUNGHO JIHOON DONGHYUN YOUNGJAE",
        "JIYOUNG MINJI SOOYEON EUNJI HYEJIN",
    ),
    "zh": (
        "TAN LIM LEE NG WONG CHONG TEO GOH",
        "WEIMING JUNJIE CHEEKEONG KAHHOE BOONHUAT",
        "HUILING MEIYEE SIEWLAN XINYI POHCHOO",
    ),
    "th": ("CHAIYA SUKSAWAT THONGDEE BOONMEE", "SOMCHAI ANAN NARONG", "MALEE SUDA WANIDA"),
    "vi": ("NGUYEN TRAN LE PHAM HOANG", "VANHUNG QUOCMINH DUCANH", "THILAN NGOCMAI THUHA"),
    "hi": (
        "SHARMA PATEL GUPTA REDDY NAIR IYER",
        "RAHUL ANIL VIJAY SANJAY",
        "PRIYA ANITA KAVITA MEERA",
    ),
    "ur": ("KHAN AHMED MALIK HUSSAIN", "IMRAN TARIQ BILAL USMAN", "AYESHA FATIMA SANA NADIA"),
    "sv": ("ANDERSSON LINDQVIST BERG NYSTROM", "ERIK LARS JOHAN NILS", "ANNA KARIN ELSA MAJA"),
    "pl": ("KOWALSKI NOWAK ZIELINSKI WOJCIK", "TOMASZ PIOTR MAREK JAN", "ANNA EWA MAGDALENA ZOFIA"),
    "tr": ("YILMAZ KAYA DEMIR CELIK", "MEHMET MUSTAFA EMRE CAN", "AYSE ZEYNEP ELIF FATMA"),
}
