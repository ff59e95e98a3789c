package controls

import (
	"strings"
	"testing"
)

// Kind words about a controlled item do not release it: whatever harmless thing
// a sheet says beside the capability, the answer is never "not listed".
func TestHarmlessWordsReleaseNothing(t *testing.T) {
	c := own(t)
	controlled := []string{
		"Operator console that infects target phones with zero-click messages and collects exfiltrated data.",
		"IMSI catcher for vehicles, collects subscriber identifiers over LTE.",
		"Receiver that intercepts GSM calls over the air interface.",
		"National internet monitoring centre with backbone probes that extract messages, index them, search by e-mail address and draw contact graphs.",
		"Kit that bypasses the screen lock of phones and makes a physical extraction.",
		"Cluster software that recovers passwords of encrypted disks.",
		"Prison jammer that selectively blocks phones by simulating the base station.",
		"Law enforcement monitoring facility software that searches intercepted calls by phone number and maps contacts.",
		"Thumb-cuffs of steel.",
		"Electric shock baton.",
		"Thermal weapon sight, 640 x 512, 60 Hz.",
		"Drone with an endurance of 3 hours.",
		"Zero-day exploit acquisition feed with source code.",
		"Know-how for developing exploits for a security service.",
		"Autonomous underwater vehicle.",
		"Phosphorus trichloride in drums.",
	}
	harmless := []string{
		"It also works with billing systems.",
		"No antivirus product notices it.",
		"It can be charged from a laptop or a power bank.",
		"Supplied with a table, a chair and a coffee machine.",
		"Suitable for hospitals, clinics and patients.",
		"Quality of service and quality of experience are measured too.",
		"It is open source.",
		"Designed with the help of a bug bounty and a penetration test report.",
		"A parental control mode is included.",
		"It protects against phishing and malware.",
		"Consumer friendly, sold in retail shops, with Wi-Fi router and smartphone app.",
		"It has a debugger and JTAG port.",
		"Used in schools, libraries and museums.",
		"It includes an encrypted messenger and a VPN client.",
		"A wheelchair and a seat belt are part of the delivery.",
		"Built on a Raspberry Pi single-board computer with a standard camera.",
		"The published datasheet and user manual are enclosed.",
		"Comes with a software update service.",
		"Endpoint detection and response agent included.",
		"Logical extraction is also possible.",
		"A test base station is part of the kit; drive tests are possible.",
		"Beautiful office chair design.",
		"The maker also sells cable ties, toys and bicycles.",
		"It detects IMSI catchers as well.",
		"With 9 Hz refresh of the menu.",
		"The battery lasts 10 minutes.",
	}
	for _, item := range controlled {
		if got := c.Classify(Item{Description: item}).Status; got == NotListed {
			t.Errorf("%q is called not listed by itself", item)
			continue
		}
		for _, h := range harmless {
			joined := strings.TrimSuffix(item, ".") + ", " + strings.ToLower(h[:1]) + h[1:]
			for _, text := range []string{item + " " + h, h + " " + item, joined} {
				if res := c.Classify(Item{Description: text}); res.Status == NotListed {
					t.Errorf("%q: released: %v", text, res.Reasons[1:min(3, len(res.Reasons))])
				}
			}
		}
	}
}
