"""Common passwords of eight characters and more, which attackers try first; sign-up refuses them."""

_WORDS = """
00000000 0123456789 0987654321 11111111 111111111 1111111111 11223344 112233445566 12121212 123123123
123321123 12341234 12344321 123456123 12345678 123456789 1234567890 12345678910 123456789a 1234567a
1234567q 12345qwert 1234abcd 1234qwer 123abc456 123qweasd 147258369 159357159 159753159 1a2b3c4d 1q2w3e4r
1q2w3e4r5t 1q2w3e4r5t6y 1qaz2wsx 1qaz2wsx3edc 1qazxsw2 22222222 31415926 33333333 44444444 55555555
66666666 77777777 77889900 789456123 87654321 88888888 987654321 9876543210 99999999 a1234567 a12345678
a123456789 aa123456 aaaaaaaa abc12345 abcabcabc abcd1234 abcdefg1 abcdefgh access14 admin123 admin1234
adminadmin administrator alexander alexandra anderson angel123 arsenal1 asdasdasd asdf1234 asdfasdf
asdfghjk asdfghjkl asdfghjkl1 babygirl babygirl1 badminton barcelona baseball baseball1 basketball
beautiful benjamin blink182 bluebird brooklyn buttercup butterfly caroline changeme changeme1 charlie1
charlotte chelsea1 chocolate christian christopher cocacola computer computer1 correcthorsebatterystaple
courtney danielle december december1 default1 dolphin1 dragon123 dragonball einstein elephant elizabeth
everton1 facebook ferrari1 firebird flower123 football football1 football123 forever1 freedom1 friendship
gabriella gangster garfield google123 greenday hello123 hellohello helloworld hercules hollywood hotstuff
iloveyou iloveyou! iloveyou1 iloveyou2 infinity internet jasmine1 jennifer jessica1 jonathan jordan23
journal1 journal123 juventus katherine kimberly kristina letmein1 letmein123 lightning liverpool
liverpool1 login123 lovelove loveyou1 manchester maradona marlboro marlboro1 master123 matthew1 maverick
mercedes metallica michael1 michelle microsoft midnight monkey12 monkey123 motorola mustang1 mypassword
naruto123 newyork1 nicholas november october1 p@ssw0rd p@ssword pa55w0rd pa55word passion1 passport
passw0rd passw0rd1 password password! password0 password01 password1 password1! password11 password12
password123 password1234 password2 password99 passwordpassword patricia picture1 pineapple pokemon1
pokemon123 portugal princess princess1 princess123 q1w2e3r4 q1w2e3r4t5 qazwsx123 qazwsxedc qweasdzxc
qwer1234 qwert123 qwert12345 qwerty12 qwerty123 qwerty1234 qwerty12345 qwertyui qwertyuiop qwertyuiop1
rainbow1 rammstein rangers1 realmadrid rush2112 samantha samsung1 sandrine scorpion secret12 secret123
september shadow12 slipknot snickers snowball softball spiderman spongebob starwars starwars1 stephanie
strawberry sunflower sunshine sunshine1 superman superman1 superstar sweetheart swordfish test1234
testtest thunder1 tinkerbell trustno1 trustno1! twilight undertaker university unknown1 valentina vanessa1
veronica victoria volleyball voyager1 welcome1 welcome12 welcome123 westlife whatever whatever1 william1
winston1 wolfgang writing1 yamaha123 yankees1 youtube1 zaq12wsx zaq1zaq1 zxcvbnm1 zxcvbnm123 zzzzzzzz
"""
COMMON = frozenset(_WORDS.split())
