"""What of an upstream file belongs to a public corpus, where the corpus is a selection."""

import base64
import json
from hashlib import sha256
from itertools import accumulate
from typing import FrozenSet, Optional

from ..formats.records import FormatError

FREE_SOURCES = ([b"answers-forums"], [b"headlines"], [b"images"], [b"track5.en-en"])
DIGEST_BYTES = 4
STEP_BYTES = 3


def keep_free_sources(data: bytes) -> bytes:
    """The lines of an STS benchmark file whose text is freely licensed, by the second column."""
    return b"".join(line + b"\n" for line in data.split(b"\n") if line.split(b"\t", 2)[1:2] in FREE_SOURCES)


def keep_snli_premises(data: bytes) -> bytes:
    """The lines of SNLI's dev file whose premise is not held out as a test.

    RAISES: FormatError, with the number of the line, for a line that is not a JSON object with a premise.
    """
    kept = _snli_premises()
    lines = []
    for number, line in enumerate(data.split(b"\n"), start=1):
        if line and digest_of(_premise(line, number=number)) in kept:
            lines.append(line + b"\n")
    return b"".join(lines)


def maccrobat_split(doc_id: str) -> Optional[str]:
    """The split of a case report, or None for one that is held out as a test."""
    return next((split for split, ids in MACCROBAT.items() if doc_id in ids), None)


def digest_of(premise: str) -> int:
    """The number that stands for a premise: the first four bytes of its SHA-256."""
    return int.from_bytes(sha256(premise.encode("utf8", "surrogatepass")).digest()[:DIGEST_BYTES], "big")


def _premise(line: bytes, *, number: int) -> str:
    try:
        premise = json.loads(line)["premise"]
    except (ValueError, KeyError, TypeError):
        premise = None
    if not isinstance(premise, str):
        raise FormatError(
            f"dev.jsonl, line {number}: expected a JSON object with a premise, got something else. "
            "Take the corpus from a local archive with --source."
        )
    return premise


def _snli_premises() -> FrozenSet[int]:
    """The numbers of the premises kept: ascending, each stored as its distance from the one before."""
    steps = base64.b85decode(SNLI_PREMISES.replace("\n", ""))
    distances = (int.from_bytes(steps[i : i + STEP_BYTES], "big") for i in range(0, len(steps), STEP_BYTES))
    return frozenset(accumulate(distances))


MACCROBAT = {
    "train": frozenset(
        """
        15939911 16778410 17803823 18236639 18416479 18561524 19214295 19610147 19860925 20146086 21067996 21254744
        21477357 21527041 21672201 21720478 22218279 22514576 22515939 22520024 22719160 22781096 22791498 22814979
        23035161 23077697 23124805 23242090 23678274 24161539 24294397 24654246 24781756 24898994 24957905 25024632
        25155594 25246819 25293719 25370695 25410883 25572898 25721834 25743872 25759562 25793030 25853982 25858931
        25884600 25934795 26106249 26228535 26285706 26361431 26361640 26395443 26405496 26444414 26445413 26457578
        26469535 26530965 26584481 26629302 26670309 26692730 26714786 27004009 27057898 27059701 27100441 27130218
        27218632 27661040 27683825 27741115 27749582 27793101 27821134 27842595 27842605 27904130 27906105 27928148
        27974938 27980272 27990013 27998312 28079821 28090049 28100279 28103924 28115731 28121940 28151882 28151916
        28154281 28154287 28154669 28154700 28173879 28190872 28193213 28202862 28202865 28202869 28207542 28216610
        28239141 28248858 28248891 28250304 28250406 28265107 28272214 28292056 28320420 28321070 28321073 28353561
        28353569 28353596 28353604 28353613 28383413 28403099 28422883 28538413 28559815 28595573
        """.split()
    ),
    "dev": frozenset(
        """
        18815636 19816630 20977862 23033875 23076693 23312850 23864579 24043987 24518095 24526194 25295501 26216058
        26350418 27773410 28033278 28120581 28151860 28196820 28296775 28353588
        """.split()
    ),
}

# Digests, since the texts themselves are not to be in the package: base 85, see _snli_premises.
SNLI_PREMISES = """
8e<+vGGh%`aT9Rf0X!rEI${%Ls!v0z5E3Q^s>%d4gbgx}0EO%jOo<>^ZV%-m8LdhUNz)O#`X@XNHdPuzzY`@w;R!B`00UGJWLyGXAt2IR0~ekE<)8-%c
?{|-1_3}UxTP1_zYo8=0p}<Q^f*PKeG0m-43gOuJ(MZ+JuS}N0tJo=UJw_U20O^GC>Rq4a?T58-VS~71!<`rkggm+C_n1R7`Q18?~xi3&={lnDem?GaZ
o9Vz7Ih(2F|GuLY)OWLj*HR424++m-PUn%>tu9B;cqA;q3r!mmO4J9Wq@22bdyCNGS|!OX*n%1NQ~QbSxuo2`@SaI++cGZ3&162d@VY&!!uOBm!|E7WA
9}WQq=exd#`uB4@w{%cTJ!!2+Vp2p-Q5425-QYbnkv0>zC25|&fZj|c)4AXE8POkzH-lsnu+O^yB+Ce91C%nUES58UDhN^=PWKNHtP5jdIxKWhP$3nI3
!FM4_!G_N-_p$7b#3u|l&eUJssEgr2c4Nd+XOi2Xzw*~tIQ7xGQn38k6JqviH2FqO|(Q*mWW(}s40gc@f@Tw+UwHqn{2<ONXuP6y(Fbh5y2A@wDG28*t
;SA)<AjpXh9w-G5vIXD?3+5XWRZAIpeFJ<J8Of^|x<&!6Z3E|I0w9wBv<w6IL<Dsf6tHzTqv8>t;07U_7^T(;)g=bIArV?xMal&RWOoABcn6le3$@n(T
qGL-Toqos9by<P3fN5gRT(lE5d$)0U>pFAT>`xTG<@|6$kY}qeFK|t5c9(U?Xd>G>n8t!Cv>M1<_8c%;{sl=7|CD|5x*dcItA1TCOswtd_MtS4I08%AB
)NmEl2_EyaU}2QHNCxa$`u+C<i_!2!>Yyrp+0Yd{few9{qp<m;DL4feu==2@oy?I~ZrE(HSRB3nm62OLqYJnL}DE7dqt=fC3YVHUcWUFmx9O^xp!r>J7
Y@7mKST{G}hgh8pXa0Q1}mQ9KCS*cYV-7pnafFm)C2^a9o@2OH)Lv3v?S2^NnR8Z0XX@HrFd%@D4fAGQk!CS(<Jd=0}!1X|1=c=H25#tE9iI~*($A~p|
KjtvwZ8K8bqF<2a@(k;G%1`JC9?>!EBX(bCl8(=vEW=>Cw%^8e?E{84=4Fv%2a{;`zSf|kh0BZpYy$t9wMAH@uH8cnkhyWz(8m&eL9Qim&<qSqj41P2i
s?Q3FzyZ*@3HYcX;%y-hp+j%VMjk&2-_HOs@dw8z3b(}%9$ykxl@%`n1>DFP)PEwvEnZ<Id=mL4MMV~(?n+(Q0!;`wS}p=IhzLd*0+^Zx!jA(+B`{w{1
WLP4{(}@o<Ny|620Hx$!k`MPdmeFhf{r8}Ys(CVI17Vo2DEV+5QZwDFAX-S04X63v<MvqMGW~-1osIFrGf!(@dw3$3^L0Qq4faS$rZjE9ljMLamXcCPZ
5621S2dap#B0j5IYug0(3YI3%?23KxOKnEFyk6@njs>Y$D|&5Skn%UpfuyP6rYC26X=gy~1Ju=@sbc59a>{r6?o*JPvSt3EajTc>e|Lz#isj3uO-iD3l
eF?p2jM8ok>X?5qeL?iMoK7XeNT{8bo*0tje?9On!J9tl%3LJ#696}0LDLK_TbP89s#A+X#PAvzCQ5gN>q8q|m%vM&N;una%kUl?o#%NHPYC<0SK0xD7
>b8!~j76eP69{X)E>V+SqcM=?K5t>&jhLH#b%^g8d9<KTh2MZ{i2Qs*`X?`giWO*N@I~*;>2p2OE)HntaI1!ZV0SM6pBP|43*$}B76{l1OH~bk_(-fS#
5dz2>$+!vEqYusr1UJPDR|F2slnAoX0Wo=eUJwP?LIL(61u76AnOhxfr4lZ|J07b8SJ@6gFaU&+Geuwv@-YyjU?<%EFM8GsTd)X87z#v^Co+`=hR6hq5
Fd-t073H$seuM8Ruv*mJucxWanc?QJX5*B7+W+JA1+}r%msg;0u#dwr(+=eya2rZ1f7s63x@#I2?t3?5x{W)b~qfq3>t-kBm0I1zwHO~cLq=kk>?o`?G
6eK=o@ak20dRLA|?PZZVY_X76<eihFJ&6@DD1j0OKGRbrKDckVHCeBOA*&+~@_uu@{#IS|St`Q_Bb2rFtX<2Aa7~)o~v2DhtoQ6%rp1TLA+<j1d#r3-y
W$*#sHNDFsdq3KcmdEifdI1P2)m0RmwU#Xul{zy#rN9@ViqQHua6=q>8&HmoEtTRa4PdjmvN4Xqak6FUStr6yY!5R)_>jm87O)eK9J67F08R*We<)gE6
41o>qOqUK6_xgPIF04-$$_s1B^D+m<S2gGO#u|x_`6eq*8Y4ICB{lEth<0aFL1L~O)Oj{RVI1eO87hG!>2QdSbsv%3D3~yvC#Zg0aA{DkQ3Dx2jF3TXy
F$19F7AYbeO7|3G^$PkW6fJ-cb1D(0VFS|78~7_c5GV-8YXojNMynG}VITrEU?51p5JoW$3;+z^9s~UC1~4=Na^eJKhz9VV1+b49M&$vh@d0SANiGKl$
UPJOVFAYU04O&I$XWs5RVLcu1E}8ty+Qy$KtHT&52m&Q)zJYokP*p7Bm%$#qXY%*zZeZ88nJi+_j>^T6*yvOA}l2fjR+ce{}g1(1gMA|e>4mE-2)o=Ds
!U;`fUnf$`BrQGwW{!>l_vKT?A9RCDw^bwD&dCfiG#83%p?o!n_c3Ryiql7bapClI9$&s~KYrC&vW~T$Ks>1|L385x2A*pg|98eHn6f16pbhF(U{Zdji
5#6>~BJ3*Z7|l?;D)CAkL|b$%sLzXDKM75s$}f>a1KeG~uL6{dVC#2f*u#V+1e252b?V|fAgktQ~|3ox$=tF1*4M;RK0Ci;gmyYUOREdVt80zO$?I9n}
UQ~<oq5i(8>wA&!~us<<b1jeZbBJ~WDB`Hnn74NVBjyMTM-vL}31+~Kv9<v4A(j$id4%ezCWjO~b=?dP)1AXHHLPG)Z0yOH@5Zb^2?hyg^p$1Oc1D8Mq
2~H9B*)B326zIAYK>r6U1vn^-6>V%8{bdmwdkdQgH@IXP(H;Ra`3wrE2fsv27U3Q5XBt)Q7@qq9jOPj*=?%e&4hu~k<PHTHZ~}>(1J#lMz^xRWa||1j0
zBmhEU_m_sZ3p!T?v~aiTVS`Yy_ptDj6;oHdz}7i4PWyLqnMhRYM2b8z=`NFwV39To?lm!XO51CyPc2`$-Lz2TEHLM>}T=T6scbIS`0^Bkj)}Io=T?Xa
NVx0Wj=L7FGv-o&h+M0!x+w;M`PV_7w>!D%JQHpMV0jlMPii0~MzP3iu`_QxL+^DNzCrKUxuz&kzq+29ab3b=?TWpB~$V61%$!A{_`kQV=KS1-Hr|GEM
<7HyQ+h4PBcE@7xM-R}Pjl6Ek`Q&;udwSP`N$2mcceJl6y%7C`TOAL(oY!{G{me+zL+2(%**LAV9jnPv91FH3C@=2If<SQ<Gy2a}U1+oA$OE)Z;E2$O#
T+usCt)(T3{2D=jqv0@$BWC`B-1=Yv}kMjlVW*%L30SmqaA;Er+@D+IwOt%#!a9cHA&ky?KD=arDHOUyEc?;ut52PbaQ1}u%ITm4c4w1(bwEZi7umx(_
3BFbt%PR#6^A(&LM#!TH`kDX<$O-mPCFl(#kbDJ2o&aoaOvKh0Dy|Ns8wta33e?OKb>|f;R6tu$8Rb6%Np~BbNd+X+0#M*O4qH)13>8Sx8I4XT<~A>No
D5Qs5+17@dT}{QkqhG3H%Xlu3tt(bR}*749kg5v9)AGo(GLCx0e5l@FXa+&X$F`O2<nhR{{IBb{RhtY1eMemFg6F^>;n`J19Zs)LoyTVf-5U=B*&{BZ=
eMzVlB8s4aTSvRPPS^Hv%3-BGh;iTP!!<nspUL103NOf5sN(bpb@=1#LVB#7+kcx)LzEB8j9GWUO88O${`22OHoDs%sd$y(5D>BNk*E)BqRWnlqU43w@
gi{TFyVtOnRH8=TuBw~Hs*bq9tw6F1-hq1qXeYb46h5Xw&tl|WpB3M(_!1%`wIC-w?=_8WZZ2>EglecK>MvIG`$58M+3N1_Cueo@B=Jc#NbbtVLUK`s0
)1}0qqv8D&%FaU+u26{jduxkLc-T-ZcBDhu!oM;Q=SO}?H1n-R({#O9_suLwFHP-qImj4E%!WKwpAcN}?$4ww)FBhi36J{?Zw73XkrbmQ@2|=|RZO;ce
5jG%z2Ajwnej+``>K;0;0OzF);_wKEAPS1OGqU0>gfj@P)D93m17Sr0tQkc3M*z(D4xAYyXsaE+F9k$_7tIj`BGw_SpAnXo3h)~bB>4rF_5pG05xssEa
LN;YHy^#PBdA;v(>Vb|=>sZ17#yqv>x~+9O%#kK6pTeHqZA*b$r1E`7y+*kfxbAD&js_h7w?Bo^T8q5iUtpd8q+KfEG7jbOE-K`0aGR%CiVmycoyfN9*
N=%%nSzDwg;L#0nmmI2J}vgeIV7BAi{$log@XKKn-tk3Gd!7Cg}uabO3|q4B`(FkBkGz9xmOl2X-qZ6a@@m4HLnG2GDK~5ZMe8suy7p2{K?&_@w|XnGs
_G6L_Hsf?EL_cRSJH3Y10xEDkAoM;E|}3*a~yMPUR4R3Tk{A2~P+xxomc$P&n~9fqMLK5isEV+@}y1F(kx$#5y`=K#N@Cni4t2;CNnSQVrl3n#KLMC2E
Y+8g2gBQ@Is8pRb40RavBI6R^ZTZ%QeLQ9%oAs=oBmLnD45DDjJ0*BKX2?YqyQxUoV4$u+=qlpo)U1G;w11N|C&MyXhr~piz39K#!6@m-eOcga52)z?0
GbRaoMHxLB8UalP6kQDtYZJ(iBQ|jW%KHoVogrdJ2Z8SmYBvrM_6A%A2e^C`bk_}4zXYyU2rlRV(-{bk9}GQ27+aMHRp1z!-4<XjB4-3j%ndyuoEYi_9
NqN_1C9+-e*k5k4T&c#)4&luvJ}On0NWZIjc5SZza<7*4v1O?<jEPV?E%cp0SxI1?->=sbqyo&CGlAbd4oOUw+BCSBknQ|n~f%Xxd(0*BwX<s$Hg3Jt_
?t63VZht2|*Y@u@YwB5aF%@n@UjWI4YJL5+is8Tk{L!7zyhcXyg?prISQVl>>-931%6Suvay*T}0o!Hcl5BEI1CU6#&eJ7_<EyS#KnHO*e^I3&qV!Q(O
QekQ6}PFPZ`bcpm}u)&k?>6|;>4(r^L^^cQCt1eCo9Btaw8TN8})K1)Rit$Q4`OaR3{052agQ;-Bge+a5_FGp)X+F>!d;shrdEv1?edMyFCv=jK!0b#@
&B%@DbmL|tL4dq23C}9G^$O>mFD`8Vca6tjC6fN003eg57NT&d3<`fbc0*tr{9k^dG&;YA!7m#}r{aO$?V+Tf40}V9*Q*{E#r4vyv1(1*i(9#UT13Sik
5@*c>xBLn<;W2l29Xp=@LS+XaO&1X`5n`?=Fo^;ge+;VIM*aW*3jzXGs1PEx5I_(KbaxAf=m%t&7n2@M<tPA<JP3z(9e7Iz9#bYrTm*ZS999k-rX&fWm
oM$M7kZioW55GEL<5;{1KwFDPh1kdRSVF`A#1P!Nxdzy;u2O?8!kK`G&B|Es7O2cJDoftl)OI7r9HiI6B@1rnVAZ?+5!Ig1_2)#-a-l@=n=R39Y$UNK6
D+vvoUU;AT}xkocRV16&qSMMZW?AnNk&!c^&{*1&@^l3-2~^5)8Lw6BocUum%8aEdY@w22nZ)xl1bRo=v9O2%E<V&14mPuqdY1CfYg(nZO)NJr}nPRNz
E1*wY6(5DUY_4i6gvO27x&4j)#<1ovJeVrT@eZZ0RY0u!<XVlxViHw%@Q5IQpoON22+P6ZbA1611{L01lXya$gRI%P>8d}<WSl@cL59`b`D5g`@MKnNt
w1mbKb-IfXo_Xm$42CKXQfx;<)c?%h(N8sft+A2C%z6vX)5XTG=np6wa<~Dho2emf?gwPHLpddx;3!P07)@27C3u9GXJNl;;B32cfv=Le(3nP>f<{=02
%oEax3eLwgqtYHM$pu?20G8?k4rdCfE(E8~2|9xUYjy#C%?fG|B1V-QA;b)<?*SC?1XhFtu-y{q#vK=pG<Z@L4cH<A3kMC$1(_lYLVqg@cPPE(0s+`Z<
P8OcR2H-z1yfxCx_|^=`U~K67TB;HngIX{h9iFn0LwB2z3&Hjv?Ll`2_%dS6Vd<}{S4lBAM)J~g6ch+nGQJpLC<jxv#K@O=?avrEL6+@iZBA*YawIp1p
he;63zj;1|SI}JhIn6tX=|Ek{xDP7X(ud^NTJ-%?Tid4ov6|HGTvZG8AW!3)s>NWV#!fIs{>U0o3YkuNEyqV+b;92NtFtmofu+F9B-B0M}zT({Lg6@Cy
<m21cSw8FLOHULQZf3^7{^gz0DKhzA+62=cx-7RON(It>kiEX97iOxsTdx)}%k0Wl#4J?#N&#|P$O3q%MCD3>72kP5WRBw%!8p-2KQkrqZ74syF=dy5#
+oF;*DF8-k~JHRq~Ckf<k6&Wl8JA5#2Sp^NF1=!030t5*wkw#BV0y<+12O16yj1jP!1~&Hx8<zrC%@}yk71{O#v=RUYXB`nX4tT@}iWvZ=HhpW276^<4
KcocWR|7kY8Q%~O2G{^!(*<R@Pjhn!(S`=@WEtqIJxxI&AUX=y;3|@A5&P;3DoGw`CKkTO16c|b(V`Mr9tf``3SoN@Gm!yGwgm9V24R2~N;e<*cps-=4
EAmjgPjXayB<<hAT?|Vo<1Eq?gF4w4{z=;4=*FoNexdy4{ZY!fI2*cod)e52s+UKBUk{*)B$D>06}FEU<Czjycdc)Ckbl+d@~eeG6D9A9<)k7tn3=csS
Nl!8>Gq)fBzq8>jE_G1j%tB=J%x0mm90g4%I;d7J~?hbP&OK1GicdBm^QtPhQ`N0xO0HO<*Fwg8;VZ3LRzut@aN}sR29QF5aO9e%B^@YaXQS8c_!#`*{
k>jt%yR5uEZKp$ZEpN(SWC1Zid!aD@uI#tbDQ79U?q??DL|v<c(r9ZrM=eHt<UR~Ls{0FC!KFp~rXwHb7N6g8b4h!_!3ObODD8A1^vG`mS&;04zF4v!`
Uz`<CMdIOmQ1THQ$bL$GL+5o_e9s>&+<3JIeQ4^ZGBelyD%B2;|k^?;<V?*WzTv`(7nj6xvOH)_~JYY6&xHk8002D<ij6no9VHS9)B{$3;BS8Y0dklrN
2(=X~rhyiECuaFW1R_HSq$eG1s{=1}0*#yiwe232E&#{v3j<{WU9}Yb6b@y(7W@$bf8qf$xCWPN4h8oUcen~lf*m+<N`~D@1s@+}bTpq-BRv}pF(?#8_
5_R!36`Z@H+UvPVL(0250LadG+z>kM+T3q1$a6x%@s~Lpb=xt65z`LrdlE_^#n#*0fUDH+87%SWCV<m7fr7LlnDWuA1VH%Ib{b0Q7i)F785&k2x&zFY%
C{tI~aI98NU5WTLK^H;uN$O1ihFCdMq5jA_Jna5RObgks=6N9~Gbk0IWwIE_@e=rW7353AC#~rwS3itP-}!0~%8<!ABO586Oc798PKm7}W|LiUS^vB$%
cS>i7mKd?nIC2txq}IkOH0YClxFJEglW=aMUKa7Xp#5*Mr)WT6|cRUc$?Ioqs0m;eYC<stY05*on@jmaLJG7L3qA4FvVrQ8G{e<RKF2r$P#sX$D1u>;O
9GYoeJ=n4*9au%#(8=xyOC*%eu=?t3W2uY0(JctSWH4QDB0BD;8(!(3$^A#u#286N$>+uy>oe~~z4Q&w|{#p!kQ3)2Z35a0}XT=Ga^#;;;8oi4FR&G4x
0R+c)0Q)opVNWYP2Lv$&Cikf}5x5M59u#)p1P{A3?jQv1hAsk=O}Ui;h^GS3SSNZE0&5foKj9N(ZByMvACP$jkf9KGVGDYTABpS-Bbf-xTti584+ZZ7G
afS0f(t`l0?=L=vUFA~9xNBuBNNpKI95VhMioh)U7ui76jce*wgM_47OS`dZqWe@)f7u!6RH6Q{(MWKbscAq0~ap<D-|#_iU4km5N=xqjVMSwnE*l58(
OCjsy7BiupH9SB2w!FR=q4yNC<)T8)j<^BE$xtR02xd2xaso80rTUo&yUEBB~1+uVXKu-!_lW4PsOil1l=P<tr-81!4I)OCcOzw+sO47TZl1jsXIbJ_c
?U090He-vS5i+yJh~6gkN`%z7wQlL|cX9sM>Q2LN4SfKrCY4gD|xY1<w$=mAXCDOflXlqDgnJ`Ftv0xQH0o=^h<qza0HD!#`8_G=7mOf~TO4E5LorJEP
jvjk2k5T8FQEl(m)h)O3)0K;hpp3?}g<q@y#8WIFp`i=tDH3zS@5;=B4`&l{qJ|=ch0jLZKt8E>fJ1OuI6kw%0sTCfd0R+05IH0mQFK+_PmlS!c2w&wE
%((zYWhXOo19ln(VMrVpw+=gM1TUT?WwZm!k_6v40&jmABa9-x+Zy1`24KP;z@P*ZJQEz=7)9F}`5qKiSPhre1c4U|%c=_!pEktV8n*rty|o>SAy=Z93
3kN=Z1Ei%s28Nu1?N>C{#FDNEGXVT6Gk8*Q=1Fn$qfi6HogJ{^qmk5krL@65uHx~qz)>o{Sq#@7VJF@if(fv_aUIX1U^y=<XaGS^8yiL0aZx`PTK^<nI
D6J8GG9aX(9%_F*-2$At&+$rQjM9Lm5BdC@8W7b$SANA2|721}q#2U!*e#mjj;*Nk>iv+2<KLSR4+x6hLbaRg(jS1r{C;EQDtRE$9`=Pz#?O0!!!yo02
MOO({#=3k!M-{6H1kL=x)32B!ZNx{?<Ps03Hu4W{22jfViX`WY(t32YMrNQNfc86lmw01xXoexegiIs#AuGW%r%hn^2#jT_{ZMc)T0jGF}Ir32LO76j)
nJzfYBZU-EbJe-pj=gk|+fkZKn3|HC+TaqpO?H2!Z6zVw@4xIyDt_2wX2?eA9CVB$OI0jCE7*Fc}YBv%SyfI3@8qPx-xuq9@@fRCMF4b5JTPrI`1r9lo
I#qB%iI)Np_A!hx3DolkrfwYIwGap7Lh#ojb>sz3kp-_R6nmi$pm8EPfCMXCQ!P{uAczwjvIq69wXoJI_G2GccnS7>AYW=EHH{pT;29qR4yBd_i+~jk8
$)?L8Jw*Ftm*_(;xBK77l!~Sd80n2{RdfMG@&3D)hG(@j3O*a5D$zSOOgdeJq<QJDPjm064@1fAr~8a0XbwHG*Tz}-y1{GH<FeWJkC#5#~dKx3=|I_#a
RIRc@Z_5BA3%FtCAFxHwN@a8K4Cc7<vH=+yT8W6Gi0!ADt3RiW-sc8rdiaTWAV8C4yzA1!eFKYTyH=W+3<?GGtH~Le46!`WO=3BABZV5R(B?3<&Vn3wm
-A3X2b|{R?#B3!hmJt0gTOcm)CC3wjk9e3ueU1rpS>U)?1dW^NP%K^se&D&+MN5ePv};2LV&0R-a>>o74hi4up92i&CqTu2SQjtF>B2$xL>*Cz{WL>%>
s3TMUxl<)%xf&$)w10OmbxfBzU2Lm`V33fCRl*dsdsWxqy0l&)-kU|I{8vseo9KzHHgVh6kkQCGu4+x49DwhaJGAfzj40Gcbd`J!H*k>Ot1sdL53<nvD
5Cx&r4$w*jY8M65FaV5W7Aa8x0M{RQX$C*63-}lY3h*@ELK3uF2f(-pWkC$5qY??@6#W$qIQI=;1PxIi1}tU*2c8F~?gjcf6XH7=O&}|Z;0wmo0WL639
ET93Ndn7)DT=!aatI2ks2)I%2SU>YPysKcPCg)xFk7=5rG6&Fj0G8?0-ZVnLXZfXRtqLC3y~NHHmDGr4jR#(20#e|b%y{RgAN)BAK`ogZRr5x{2Hi^2a
UE4Kkg0@?-}pv2L72EBZM3N!5#mq5gn)rbe{!GVgki44zK74n%n>}0VRf>Su5oVLzM>o(Ga0g2--6(D|IS-`!q~G2u(~7?zsYYzY<P+C3hJLz(WXduNv
=m4si%2v(X?xh6Tb;2eEu86a*uDuPuO^0X=R3RN@hurV<3Z3zPK(jPL|tJ_&!=H@bQf7g$Xx<}Pj6LR)Yi5n>~~Y&Yz;C7K)!k8CA=N(R=UF88)R=}G{
SpdPq+4Fgpfb!Y`ox&)Z&1_2iV2ekyuSrYH75U=_ODk}?#R3gn-9=v%D?$8Zn1_T2TE41txyGsUgvH%`V7gTBrL=_89Oc1k46m{qps%bq(tPLs846mUF
OYjdcyboyG5A#m}P!k3PF(H~7HwnfK+DZ!V;WBr503k;WJh={UgbEIY1Eq`tR_+DPa~$k86-Ph?ys-xTIV1U;0U?etvVa8%Nfgqn2CU2&uI&#=Miqg=4
l?r&-G?e&>jBtf0`X@Bc)J0ru?#$`AF&+@HeLgT>L;<24ZDpS98Cf`TLWas03s6`R(=N;awF8C35TgiZ3;Dj@e}<S4gbU%1X%$B#T~t{0wCQFeDW8j<_
G3sCdlg!y?r-e@e(Lj3`DU3f3658*a5Q$ArGS$xxNeDX8~mo7iSzXsg4w7S{^Ff5J$BRyyFe)&juq37YfM`X2c%juo#x)2~JS~F3uB7e*kmLCZA9Q9vn
l~7zgbe39C{GZtDbksu7~H778C1gCRx!;|7dQB8=?_qqGCPgbBi~2lp%_ReS>)&?BuiDYn87A}t2%Hwcae7U5F?8%+Z2_zU$xN3f?WKnEKA!U?ZO0gf&
S`t>-t;s$pi2$B*6!3hRa(H)_>0rA5HIm!j@3=Uxz1uqf>$^;5`G950UZp+Lt0%#fcIRLsvA5+T;uMZNKt_|%p4kYXgA|(Sf^%Rnp1K1e?&fg$4v=`XA
JZvHYq<R5nGXRFc1P9MCz_BCoRs&1m0zV%cxJC;P<rEA}Q=8Tg;8+hk6bF3?8Km_Tt{4qZpa^$^A(B%Dxu0AyH4U6l7Nocr-b4bAWf}|25oL}Nck>DfJ
Pn~Y3<HZQKx;+h77d5V5+<e}i5mp4as-r6AZkVxo;d_fsT-Y{1B`|x?V15OJp<v@KIfzdECw4H*(RTC2JsLFso@kF3{(hn12u>!qk09hgaVXd3MfGmLy
rPsVgQ3D9jp^FEtd#iLNK)s8V|fHC%Y)UPBYSn0ACs(9~m2en*!)(A+|{dqRJPzoC@5r0l%aIyz>S^i41xa6;ee5K+`I-SSO*_HIsHbUu^)j#s|Eg7D3
Exvod3kG6H${1v0HB7U>ABg;PJt0m)ebH+%^pj0$9OGxu`^pOp?;?*Khr
"""
