package listfile
import ("testing";"fmt";"github.com/comity-project/comity/screening")
func TestX(t *testing.T){
 res,err:=ReadOFAC(OFACFiles{openShared(t,"lists","us","sdn_2024-05-03.csv"),openShared(t,"lists","us","alt_2025-12-24.csv"),openShared(t,"lists","us","add_2025-12-24.csv"),openShared(t,"lists","us","sdn_comments_2025-12-24.csv")},DefaultLimits)
 if err!=nil{t.Fatal(err)}
 fmt.Printf("%+v\n",res.Counts)
 k:=map[string]int{}
 n:=0
 for _,e:=range res.Entities{ for _,i:=range e.IDs{k[i.Kind]++}
  if n<400&&e.Type==screening.Person&&n%40==0{fmt.Printf("%+v\n",e)}; n++ }
 fmt.Println(k)
}
