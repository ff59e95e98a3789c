package screening

import (
	_ "embed"
	"strings"
	"sync"
)

//go:generate go run gen_pinyin.go

// pinyinText holds the Mandarin readings of Chinese characters; see gen_pinyin.go.
//
//go:embed pinyin.txt
var pinyinText string

// pinyinTable is the reading of each character from U+4E00, as an index into
// its syllables; built at first use, since most names need none of it.
var pinyinTable = sync.OnceValue(func() *hanReadings {
	t := &hanReadings{syllables: []string{""}}
	for line := range strings.Lines(pinyinText) {
		syl, chars, _ := strings.Cut(strings.TrimSpace(line), " ")
		t.syllables = append(t.syllables, syl)
		for _, r := range chars {
			if r >= 0x4E00 && r < 0xA000 {
				t.of[r-0x4E00] = uint16(len(t.syllables) - 1)
			}
		}
	}
	return t
})

// isSyllable says whether a word is one syllable of Mandarin: names are written
// with and without spaces between them.
func isSyllable(text string) bool { return mandarin()[text] }

var mandarin = sync.OnceValue(func() map[string]bool {
	m := map[string]bool{}
	for _, syl := range pinyinTable().syllables {
		m[syl] = syl != ""
	}
	return m
})

type hanReadings struct {
	syllables []string
	of        [0xA000 - 0x4E00]uint16
}

// pinyinOf writes Chinese characters as one Mandarin word without tones.
func pinyinOf(runes []rune) string {
	t := pinyinTable()
	var b strings.Builder
	for _, r := range runes {
		if r >= 0x4E00 && r < 0xA000 {
			b.WriteString(t.syllables[t.of[r-0x4E00]])
		}
	}
	return b.String()
}

// hanWords are the words of company names that Latin names translate rather
// than transliterate, and places whose Latin names are not their pinyin.
var hanWords = map[string]string{
	"股份有限公司": "co ltd", "有限责任公司": "co ltd", "有限責任公司": "co ltd", "有限公司": "co ltd", "责任公司": "co ltd", "集团公司": "group", "集團公司": "group", "总公司": "corporation", "總公司": "corporation", "分公司": "branch", "公司": "company",
	"股份": "", "集团": "group", "集團": "group", "控股": "holding", "株式会社": "co ltd", "合同会社": "co ltd", "有限合伙": "lp", "合伙企业": "lp", "厂": "factory", "工厂": "factory", "工廠": "factory", "廠": "factory",
	"科技": "technology", "技术": "technology", "技術": "technology", "电子": "electronics", "電子": "electronics", "国际": "international", "國際": "international", "贸易": "trading", "貿易": "trading", "商贸": "trading", "进出口": "import export", "進出口": "import export",
	"实业": "industrial", "實業": "industrial", "工业": "industry", "工業": "industry", "发展": "development", "發展": "development", "投资": "investment", "投資": "investment", "物流": "logistics", "航空": "aviation", "航天": "aerospace", "卫星": "satellite", "衛星": "satellite",
	"半导体": "semiconductor", "半導體": "semiconductor", "光电": "optoelectronics", "光電": "optoelectronics", "微电子": "microelectronics", "信息": "information", "通信": "communication", "通讯": "communication", "网络": "network", "軟件": "software", "软件": "software", "数据": "data", "智能": "intelligent",
	"机械": "machinery", "機械": "machinery", "设备": "equipment", "設備": "equipment", "制造": "manufacturing", "製造": "manufacturing", "化工": "chemical", "化学": "chemical", "石油": "petroleum", "能源": "energy", "电力": "power", "電力": "power", "材料": "materials", "新材料": "new materials", "生物": "bio", "医药": "pharmaceutical",
	"银行": "bank", "銀行": "bank", "保险": "insurance", "大学": "university", "大學": "university", "学院": "college", "研究所": "institute", "研究院": "institute", "中心": "center", "实验室": "laboratory", "船舶": "ship", "海运": "shipping", "海運": "shipping", "航运": "shipping", "航運": "shipping", "管理": "management", "服务": "service", "工程": "engineering", "建设": "construction", "系统": "system", "仪器": "instrument", "精密": "precision", "安全": "security", "供应链": "supply chain", "供應鏈": "supply chain", "自动化": "automation", "机器人": "robot", "无人机": "uav", "港": "harbour", "国防": "defence", "军事": "military", "护卫": "guard", "边防": "border guard", "中国": "china", "中國": "china", "香港": "hong kong", "澳门": "macau", "台湾": "taiwan", "臺灣": "taiwan", "市": "", "省": "", "区": "", "北京": "beijing", "上海": "shanghai", "深圳": "shenzhen", "广州": "guangzhou", "廣州": "guangzhou", "天津": "tianjin", "重庆": "chongqing", "武汉": "wuhan", "南京": "nanjing", "成都": "chengdu", "西安": "xian", "苏州": "suzhou", "杭州": "hangzhou", "烟台": "yantai", "青岛": "qingdao", "大连": "dalian", "沈阳": "shenyang", "哈尔滨": "harbin", "厦门": "xiamen", "东莞": "dongguan", "合肥": "hefei", "长沙": "changsha", "长春": "changchun", "无锡": "wuxi", "宁波": "ningbo", "济南": "jinan", "郑州": "zhengzhou", "福建": "fujian", "广东": "guangdong", "廣東": "guangdong", "山东": "shandong", "江苏": "jiangsu", "浙江": "zhejiang", "四川": "sichuan", "陕西": "shaanxi", "新疆": "xinjiang", "西藏": "tibet", "内蒙古": "inner mongolia",
}

// hanLongest is the length in characters of the longest entry of hanWords.
const hanLongest = 6

// hanDoubleSurnames are the family names of two characters.
var hanDoubleSurnames = map[string]bool{"欧阳": true, "歐陽": true, "司马": true, "司馬": true, "上官": true, "诸葛": true, "諸葛": true, "东方": true, "尉迟": true, "公孙": true, "慕容": true, "令狐": true, "司徒": true, "夏侯": true}

// readHan reads a run of Chinese characters: known words are translated, a
// name of two to four characters is a family name and a given name, and what
// else is left between known words is one word in pinyin.
func readHan(w rawWord) []word {
	var out []word
	positions := hanPositions(w)
	emit := func(text string, from, to int) {
		if text == "" {
			return
		}
		out = append(out, word{text: text, start: positions[from], end: positions[to], script: scriptHan, after: ' '})
	}
	n, known, from := len(w.runes), false, 0
	for i := 0; i < n; {
		hit := 0
		for l := min(hanLongest, n-i); l > 0; l-- {
			if _, ok := hanWords[string(w.runes[i:i+l])]; ok && (l > 1 || known || i > 1) {
				hit = l
				break
			}
		}
		if hit == 0 {
			i++
			continue
		}
		known = true
		emit(pinyinOf(w.runes[from:i]), from, i)
		for t := range strings.FieldsSeq(hanWords[string(w.runes[i:i+hit])]) {
			emit(t, i, i+hit)
		}
		i += hit
		from = i
	}
	rest := w.runes[from:]
	if !known && n >= 2 && n <= 4 {
		s := 1
		if n > 2 && hanDoubleSurnames[string(rest[:2])] {
			s = 2
		}
		emit(pinyinOf(rest[:s]), 0, s)
		emit(pinyinOf(rest[s:]), s, n)
		return out
	}
	emit(pinyinOf(rest), from, n)
	return out
}

// hanPositions gives the byte position of each character of a run.
func hanPositions(w rawWord) []int {
	p := make([]int, len(w.runes)+1)
	at := w.start
	for i, r := range w.runes {
		p[i] = at
		at += len(string(r))
	}
	p[len(w.runes)] = min(at, w.end)
	return p
}
