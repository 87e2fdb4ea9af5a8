import ContractModel
import Testing

struct SourceExpressionTests {
    @Test(arguments: [
        ("'it''s'", SourceExpression.Form.text("it's")), ("12.50", .number("12.50")), ("-3", .number("-3")),
        ("NULL", .null), ("true", .bool(true)),
        ("shop.users.email", .column(SourceColumn(table: "users", name: "email"))),
        ("`order`.`key`", .column(SourceColumn(table: "order", name: "key"))),
        (
            "a + b * 2",
            .arithmetic(
                .column(SourceColumn(name: "a")), .add,
                .arithmetic(.column(SourceColumn(name: "b")), .multiply, .number("2")))
        ),
        ("coalesce(a, 'x')", .call("COALESCE", [.column(SourceColumn(name: "a")), .text("x")])),
        ("COUNT(*)", .call("COUNT", [.column(SourceColumn(name: "*"))])),
    ])
    func expressionsAreRead(_ text: String, _ form: SourceExpression.Form) {
        #expect(SourceExpression(text).form == form)
    }

    @Test(arguments: [
        "", "(", "a b", "SELECT x FROM y", "a.", "'open", "a ? b", "f(a", "CASE WHEN a THEN b END", "a.b.c.d",
    ])
    func otherTextIsKeptAndNamed(_ text: String) {
        #expect(SourceExpression(text).form == .unreadable(text))
        #expect(!SourceExpression(text).isReadable)
    }

    @Test(arguments: [
        ("Anonymous", "Anonymous"), ("'Anonymous'", "Anonymous"), ("Not known", "Not known"), ("0", "0"), ("", ""),
    ])
    func bareWordsAreTexts(_ text: String, _ constant: String) {
        #expect(SourceExpression(value: text).constantText == constant)
    }

    @Test func knownColumnsAreColumns() {
        #expect(SourceExpression(value: "status", columns: ["status"]).column == SourceColumn(name: "status"))
        #expect(SourceExpression(value: "parent.name").column == SourceColumn(table: "parent", name: "name"))
    }

    @Test(arguments: [
        ("parent_id IS NULL", SourceCondition.Form.isNull(.column(SourceColumn(name: "parent_id")))),
        (
            "NOT (a = 1 OR b <> 2)",
            .not(
                .or([
                    .comparison(.column(SourceColumn(name: "a")), .equal, .number("1")),
                    .comparison(.column(SourceColumn(name: "b")), .notEqual, .number("2")),
                ]))
        ),
        (
            "(a + 1) >= 3",
            .comparison(
                .arithmetic(.column(SourceColumn(name: "a")), .add, .number("1")), .greaterOrEqual, .number("3"))
        ),
        (
            "a BETWEEN 1 AND 5",
            .and([
                .comparison(.column(SourceColumn(name: "a")), .greaterOrEqual, .number("1")),
                .comparison(.column(SourceColumn(name: "a")), .lessOrEqual, .number("5")),
            ])
        ),
        ("a LIKE 'x%'", .isLike(.column(SourceColumn(name: "a")), "x%")),
    ])
    func conditionsAreRead(_ text: String, _ form: SourceCondition.Form) {
        #expect(SourceCondition(text).form == form)
    }

    @Test func nestingHasABound() {
        let deep = String(repeating: "(", count: 5_000) + "a" + String(repeating: ")", count: 5_000)
        #expect(!SourceExpression(deep).isReadable)
        #expect(!SourceCondition(deep).isReadable)
        #expect(!SourceCondition(String(repeating: "NOT ", count: 5_000) + "a").isReadable)
        #expect(!SourceExpression(String(repeating: "f(", count: 5_000)).isReadable)
    }

    @Test(arguments: [
        ("YYYY-MM-DD", "year,-,month,-,day"),
        ("yyyy-MM-dd'T'HH:mm:ss.SSS'Z'", "year,-,month,-,day,T,hour,:,minute,:,second,.,fraction3,Z"),
        ("%Y-%m-%d %H:%i:%s", "year,-,month,-,day, ,hour,:,minute,:,second"),
        ("%Y-%m-%dT%H:%M:%SZ", "year,-,month,-,day,T,hour,:,minute,:,second,Z"),
        ("YYYY-MM-DD HH:MM:SS", "year,-,month,-,day, ,hour,:,minute,:,second"), ("YYYYMM", "year,month"),
    ])
    func dateFormatsAreRead(_ text: String, _ pieces: String) {
        #expect(Self.told(text) == pieces)
        #expect(DateFormat(text).sortsByTime)
    }

    @Test(arguments: [
        ("HH:mm DD/MM/YYYY", "hour,:,minute, ,day,/,month,/,year"),
        ("HH:MM DD/MM/YYYY", "hour,:,minute, ,day,/,month,/,year"),
        ("HHmm ddMMyyyy", "hour,minute, ,day,month,year"), ("HH:MM DD/mm/YYYY", "hour,:,minute, ,day,/,month,/,year"),
        ("mm/dd/yyyy HH:MM", "month,/,day,/,year, ,hour,:,minute"), ("MM/dd HH.mm", "month,/,day, ,hour,.,minute"),
        ("HH MM/dd, mm", "hour, ,month,/,day,, ,minute"), ("dd.MM.yyyy HH.MM", "day,.,month,.,year, ,hour,.,minute"),
        ("HH dd/MM/yyyy", "hour, ,day,/,month,/,year"),
        ("ss:mm:HH dd.MM.yyyy", "second,:,minute,:,hour, ,day,.,month,.,year"),
    ])
    func monthsAndMinutesAreToldApartWhereverTheyStand(_ text: String, _ pieces: String) {
        #expect(Self.told(text) == pieces)
    }

    private static func told(_ text: String) -> String {
        guard case .pieces(let read) = DateFormat(text).form else { return "\(DateFormat(text).form)" }
        return read.map { piece in
            switch piece {
            case .literal(let text): text
            case .fraction(let digits): "fraction\(digits)"
            default: "\(piece)"
            }
        }.joined(separator: ",")
    }

    @Test func namedAndUnknownDateFormats() {
        #expect(DateFormat("ISO-8601").form == .iso8601)
        #expect(DateFormat("epoch_ms").form == .epochMilliseconds)
        #expect(DateFormat("timestamp").form == .database)
        for text in ["", "monthly", "%Q", "%", "hello", "DD/Mon/YYYY", "'"] {
            #expect(DateFormat(text).form == .unreadable(text))
        }
        #expect(!DateFormat("DD-MM-YYYY").sortsByTime)
    }

    @Test(arguments: [
        ("0.00", 1, 2, 2, false), ("#,##0.##", 1, 0, 2, true), ("%08d", 8, 0, 0, false), ("%.3f", 1, 3, 3, false),
        ("00000", 5, 0, 0, false), ("decimal(10,2)", 1, 2, 2, false), ("%010.2f", 7, 2, 2, false),
        ("integer", 1, 0, 0, false),
    ])
    func numberFormatsAreRead(_ text: String, _ whole: Int, _ least: Int, _ most: Int, _ grouped: Bool) {
        #expect(
            NumberFormat(text).shape
                == NumberFormat.Shape(
                    leastIntegerDigits: whole, leastFractionDigits: least, mostFractionDigits: most,
                    groupsThousands: grouped, countsSign: text.hasPrefix("%0")))
    }

    @Test(arguments: ["", "many", "%s", "1.2.3", "%08d%08d", "decimal(x)", "%999999999d"])
    func otherNumberFormatsAreNone(_ text: String) { #expect(NumberFormat(text).shape == nil) }
}
