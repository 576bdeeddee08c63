// Every text of the page, in two languages. A value may be a function of what it speaks about.
export const WORDS = {
  en: {
    skip: "Skip to the result", tagline: "Reads PRC resident ID cards on this machine", api: "API",
    language: "Language", arrangement: "Arrangement", picture: "Picture",
    keys: "This server asks for a key",
    keysHint: "The name and secret of [page.keys] in its settings. They are forgotten when this page closes.",
    keyName: "Name", keySecret: "Secret", useKey: "Use this key", keyTaken: "The key is used from now on.",
    drop: "Drop a photograph of an ID card here", dropHint: "or paste one. JPEG, PNG, BMP, WebP or TIFF.",
    choose: "Choose a file", camera: "Use the camera", specimen: "Try the specimen", stop: "Stop",
    privacy: "The picture goes to this server alone, is read in memory and kept nowhere.",
    result: "What was read", waiting: "The fields appear here.", field: "Field",
    confidence: "Confidence", quality: "Quality", logic: "Logic", notRead: "not read",
    keeps: "keeps the rules", breaks: "breaks a rule", note: "Note",
    meaning: "What these numbers mean",
    meaningConfidence: "Confidence: the probability that every character is right, by the network’s own account.",
    meaningQuality: "Quality: how well the print can be seen, measured in the picture.",
    meaningLogic: "Logic: ✓ where the text keeps the rules, such as the check digit or the calendar.",
    answers: "The answer in every format", all: "with all that can be asked for",
    one: "One", beside: "Side by side", copy: "Copy", copied: "Copied",
    copyFailed: "Could not copy: mark the text instead", kept: (n) => `… ${n.toLocaleString("en")} characters`,
    viewfinder: "Hold the card inside the frame", shoot: "Take the picture", close: "Close",
    sending: (share) => `Sending ${Math.round(share * 100)} %`, reading: "Reading …",
    verdict: { portrait: "Portrait side", emblem: "Emblem side" }, none: "No ID card was found in this picture.",
    noneHint: "The whole card should be in the picture, sharp and evenly lit.",
    share: (what, percent) => `${what}, ${percent} %`,
    took: (ms) => `read in ${ms} ms`, outlined: (n) => `The picture, with the card and ${n} fields outlined`,
    unshown: "This browser cannot show the picture; it was read all the same.",
    facts: {
      legality: "Seems to be", completeness: "Outline", portrait: "Portrait", turn: "Turned",
      whole: ["whole", "cut, no text lost", "cut, text lost"], degrees: (n) => `${n}° clockwise`,
      yes: "there", no: "not made out",
    },
    legality: {
      ID_Photo: "an original card", Temporary_ID_Photo: "a temporary card", Photocopy: "a photocopy",
      Screen: "a screen", Edited: "an edited picture",
    },
    fields: {
      name: "Name", gender: "Gender", ethnicity: "Ethnic group", birth_year: "Year of birth",
      birth_month: "Month of birth", birth_day: "Day of birth", address: "Address", id_number: "ID number",
      issued_by: "Issued by", valid_from: "Valid from", valid_to: "Valid to",
    },
    remarks: {}, // idocr's own words
    errors: {
      unauthorized: ["The key was not accepted.", "Check name and secret above."],
      unsupported_format: ["This file is no picture that can be read.", "Take a whole JPEG, PNG, BMP, WebP or TIFF file. Save HEIC as JPEG first."],
      image_size: ["The picture is too small or too large.", "Each side needs 15 to 8192 pixels."],
      too_large: ["The file is too large.", (mb) => `This server takes up to ${mb} MB.`],
      busy: ["The server is busy.", "Too many pictures are waiting. Try again in a moment."],
      failed: ["The server failed.", "Its log says where. Another picture may work."],
      offline: ["The server cannot be reached.", "Is idocr serve still running?"],
      late: ["No answer came in time.", "Try again, or a smaller picture."],
      no_picture: ["There is no picture among what was dropped.", "Drop one JPEG, PNG, BMP, WebP or TIFF file."],
      no_camera: ["The camera cannot be used.", "Allow it in the browser, or choose a file."],
      other: ["The server refused this.", "Reload the page and try again."],
    },
  },
  zh: {
    skip: "跳到识别结果", tagline: "在本机识别居民身份证", api: "接口",
    language: "语言", arrangement: "排列方式", picture: "照片",
    keys: "此服务器需要密钥", keysHint: "即服务器配置 [page.keys] 中的名称和密钥；关闭本页后不保留。",
    keyName: "名称", keySecret: "密钥", useKey: "使用此密钥", keyTaken: "之后将使用此密钥。",
    drop: "将身份证照片拖到这里", dropHint: "也可以粘贴。支持 JPEG、PNG、BMP、WebP、TIFF。",
    choose: "选择文件", camera: "使用相机", specimen: "试用样张", stop: "停止",
    privacy: "照片只发送到这台服务器，在内存中识别，不保存。",
    result: "识别结果", waiting: "识别出的字段将显示在这里。", field: "字段",
    confidence: "置信度", quality: "质量", logic: "逻辑", notRead: "未识别",
    keeps: "符合规则", breaks: "违反规则", note: "提示",
    meaning: "这些数值的含义",
    meaningConfidence: "置信度：每个字都正确的概率，由识别网络给出。",
    meaningQuality: "质量：字迹在照片中的清晰程度。",
    meaningLogic: "逻辑：✓ 表示文字符合规则，例如校验码、日期。",
    answers: "各种接口格式的返回", all: "包含全部可选内容",
    one: "单个", beside: "并排", copy: "复制", copied: "已复制",
    copyFailed: "无法复制，请手动选择文字", kept: (n) => `… 共 ${n.toLocaleString("zh")} 个字符`,
    viewfinder: "将身份证放入框内", shoot: "拍照", close: "关闭",
    sending: (share) => `正在发送 ${Math.round(share * 100)} %`, reading: "正在识别……",
    verdict: { portrait: "人像面", emblem: "国徽面" }, none: "照片中没有找到身份证。",
    noneHint: "请拍下完整的证件，保持清晰、光线均匀。",
    share: (what, percent) => `${what}，${percent} %`,
    took: (ms) => `用时 ${ms} 毫秒`, outlined: (n) => `照片，已标出身份证和 ${n} 个字段`,
    unshown: "浏览器无法显示此照片，但已完成识别。",
    facts: {
      legality: "类型判断", completeness: "边缘", portrait: "人像", turn: "旋转",
      whole: ["完整", "不完整，文字未缺失", "不完整，文字缺失"], degrees: (n) => `顺时针 ${n}°`,
      yes: "有", no: "未辨认出",
    },
    legality: {
      ID_Photo: "身份证原件", Temporary_ID_Photo: "临时身份证", Photocopy: "复印件", Screen: "屏幕翻拍", Edited: "经过编辑",
    },
    fields: {
      name: "姓名", gender: "性别", ethnicity: "民族", birth_year: "出生年", birth_month: "出生月",
      birth_day: "出生日", address: "住址", id_number: "公民身份号码", issued_by: "签发机关",
      valid_from: "有效期起", valid_to: "有效期止",
    },
    remarks: {
      "is as long as a name with a · and has none": "长度像带间隔号的姓名，却没有间隔号",
      "is not 2 to 15 Han characters or ·": "不是 2 至 15 个汉字或间隔号",
      "has a · that joins nothing": "间隔号位置不当",
      "stands among signs that no name has": "姓名中夹有其他符号",
      "has a gap as wide as a character": "有一个字宽的空缺",
      "is neither 男 nor 女": "不是男或女",
      "is no ethnic group of the list": "不在民族名称表中",
      "names no division, street or village": "没有行政区划、街道或村名",
      "is not 6 to 35 characters long": "长度不是 6 至 35 个字",
      "begins with no Han character": "不以汉字开头",
      "has a character that no address has": "含有住址中不会出现的字符",
      "is no public security organ": "不是公安机关名称",
      "is not 5 to 15 Han characters": "不是 5 至 15 个汉字",
      "is no year of birth": "不是合理的出生年",
      "is no month": "不是月份",
      "is no day": "不是日期",
      "is no day of this month": "该月没有这一天",
      "disagrees with the number": "与身份号码不符",
      "disagrees with the gender": "与性别不符",
      "disagrees with the birth date": "与出生日期不符",
      "is doubtful, and no other print confirms it": "不确定，且没有其他文字可以印证",
      "has a region code of other years than the birth's": "地区码的使用年代与出生年不符",
      "are not 5, 10 or 20 years apart": "有效期不是 5、10 或 20 年",
      "are not 3 months apart": "有效期不是 3 个月",
      "are in the wrong order": "起止日期顺序颠倒",
      "is no real date": "日期不存在",
      "is not for a temporary card": "临时身份证没有长期有效",
      "is one character away from a division's name": "与某行政区划名称仅差一字",
      "names no division of the list": "不含名录中的行政区划名称",
      "names no division of the list, and is doubtful": "不含名录中的行政区划名称，且识别没有把握",
      "may name another division of the list": "可能是名录中的另一行政区划",
      "a division's name stands for a reading that is none": "原识别结果不是行政区划，已按名录更正",
      "had marks beside it that are no print": "旁边有非印刷的痕迹，已略去",
      "a character was told by its neighbours": "有一字是按上下文判定的",
      "was doubtful, and told by what the card says elsewhere": "识别没有把握，已按证件上的其他内容判定",
      "is less sure than was asked for": "把握未达到要求",
      "was repaired, and another number is not ruled out": "经过恢复，但不能排除其他号码",
      "was repaired: no other number can be": "经过恢复，别无其他可能",
      "was read under its rule, not freely": "按规则修正后才得出，并非直接识别",
      "is not 18 characters long": "不是 18 位",
      "has a character other than a digit or a last X": "含有数字和末位 X 以外的字符",
      "has no known region": "地区码不存在",
      "has no real birth date": "号码中的出生日期不存在",
      "has a birth date in the future": "号码中的出生日期在将来",
      "fails its check digit": "校验码不正确",
      "has the sequence 000, which is never given": "顺序码 000 不会使用",
      "has a region code that GB/T 2260 never had": "GB/T 2260 中没有此地区码",
    },
    errors: {
      unauthorized: ["密钥不正确。", "请检查上方的名称和密钥。"],
      unsupported_format: ["无法读取此图片文件。", "请使用完整的 JPEG、PNG、BMP、WebP 或 TIFF 文件；HEIC 请先另存为 JPEG。"],
      image_size: ["图片尺寸过小或过大。", "每边须为 15 至 8192 像素。"],
      too_large: ["文件过大。", (mb) => `此服务器最多接受 ${mb} MB。`],
      busy: ["服务器繁忙。", "等待识别的照片过多，请稍后再试。"],
      failed: ["服务器内部错误。", "详见服务器日志。可换一张照片再试。"],
      offline: ["无法连接服务器。", "idocr serve 是否仍在运行？"],
      late: ["等待超时。", "请重试，或使用较小的照片。"],
      no_picture: ["拖入的内容中没有图片。", "请拖入一个 JPEG、PNG、BMP、WebP 或 TIFF 文件。"],
      no_camera: ["无法使用相机。", "请在浏览器中允许使用相机，或选择文件。"],
      other: ["服务器拒绝了请求。", "请刷新页面后重试。"],
    },
  },
};

const STORED = "idocr.language";
let language = "en";

export const words = () => WORDS[language];

function remembered() {
  try {
    return localStorage.getItem(STORED);
  } catch {
    return null;
  }
}

export function firstLanguage() {
  const kept = remembered();
  if (kept in WORDS) return kept;
  const wanted = navigator.languages.find((name) => /^(zh|en)\b/i.test(name)) ?? "en";
  return wanted.slice(0, 2).toLowerCase();
}

// Put every text of the document into a language.
export function speak(chosen, keep = false) {
  language = chosen;
  document.documentElement.lang = chosen === "zh" ? "zh-CN" : "en";
  for (const element of document.querySelectorAll("[data-text]")) {
    element.textContent = words()[element.dataset.text];
  }
  for (const element of document.querySelectorAll("[data-label]")) {
    element.setAttribute("aria-label", words()[element.dataset.label]);
  }
  for (const button of document.querySelectorAll("[data-language]")) {
    button.setAttribute("aria-pressed", String(button.dataset.language === chosen));
  }
  if (!keep) return;
  try {
    localStorage.setItem(STORED, chosen);
  } catch {
    // Private windows may forbid it: the choice then lasts as long as the page.
  }
}
