import ContractModel
import Testing
import Tidemark

struct ExpressionTextTests {
    @Test(
        arguments: [
            ("total" == 10, "#0 = :0"), ("total" != 10, "#0 <> :0"), ("total" < 10, "#0 < :0"),
            ("total" <= 10, "#0 <= :0"),
            ("total" > 10, "#0 > :0"), ("total" >= 10, "#0 >= :0"), ("total" > Path("limit"), "#0 > #1"),
            (Path("tags").size > 3, "size(#0) > :0"), ("n" >= Path("tags").size, "#0 >= size(#1)"),
            (.between("total", 1, and: 9), "#0 BETWEEN :0 AND :1"), (.in("total", [1, 2, 1]), "#0 IN (:0, :1, :0)"),
            (.exists("id"), "attribute_exists(#0)"), (.notExists("id"), "attribute_not_exists(#0)"),
            (.type(of: "id", is: .SS), "attribute_type(#0, :0)"), (.beginsWith("id", "o-"), "begins_with(#0, :0)"),
            (.contains("tags", "red"), "contains(#0, :0)"), (.contains("tags", Path("tag")), "contains(#0, #1)"),
            (Path("address")["city"] == "Bergen", "#0.#1 = :0"), (Path("lines")[0]["sku"] == "x", "#0[0].#1 = :0"),
            (Path("m")[1][2].size == 3, "size(#0[1][2]) = :0"), ("a.b" == 1, "#0 = :0"),
        ] as [(Expression, String)])
    func aConditionIsWrittenAsDynamoDBReadsIt(condition: Expression, text: String) {
        #expect(condition.text == text)
    }

    @Test func namesAndValuesAreBoundOnceEach() {
        let condition: Expression = "a.b" == "x" && Path("a.b")["c"] != "x" && "c" == 1 && "d" == ["x"]
        #expect(condition.text == "#0 = :0 AND #0.#1 <> :0 AND #1 = :1 AND #2 = :2")
        #expect(condition.names == ["#0": "a.b", "#1": "c", "#2": "d"])
        #expect(condition.values == [":0": "x", ":1": 1, ":2": ["x"]])
    }

    @Test func everySwiftValueHasItsType() {
        let minimum = Int128.max / 10
        let values: [Expression] = [
            "a" == "s", "a" == true, "a" == UInt8(7), "a" == minimum, "a" == 1.5, "a" == Float(0.1), "a" == [1, 2],
            "a" == [UInt8(1), 2], "a" == ["k": [true]], "a" == Set(["x"]), "a" == Set([1]), "a" == Set([[UInt8(1)]]),
            "a" == AttributeValue.null,
        ]
        #expect(
            values.map { $0.values[":0"] } == [
                "s", true, 7, .number("17014118346046923173168730371588410572"), .number("1.5"), .number("0.1"),
                [1, 2],
                .binary([1, 2]), ["k": [true]], .stringSet(["x"]), .numberSet(["1"]), .binarySet([[1]]), .null,
            ])
    }

    @Test func parenthesesStandWhereTheyAreNeededAndNowhereElse() {
        let (a, b, c): (Expression, Expression, Expression) = (.exists("a"), .exists("b"), .exists("c"))
        func text(_ expression: Expression) -> String {
            ["attribute_exists(#0)": "a", "attribute_exists(#1)": "b", "attribute_exists(#2)": "c"].reduce(
                expression.text
            ) { $0.split(separator: $1.key, omittingEmptySubsequences: false).joined(separator: $1.value) }
        }
        #expect(text(a && b && c) == "a AND b AND c")
        #expect(text(a && (b && c)) == "a AND b AND c")
        #expect(text(a || b && c) == "a OR b AND c")
        #expect(text((a || b) && c) == "(a OR b) AND c")
        #expect(text(!a && b) == "NOT a AND b")
        #expect(text(!(a && b)) == "NOT (a AND b)")
        #expect(text(!(!a)) == "NOT (NOT a)")
        #expect(text(.any([a, b]) && .all([c])) == "(a OR b) AND c")
    }

    @Test func aGivenTextStandsInsideOfABuiltCondition() {
        let given = Expression("#0 = :0 OR x = :y", names: ["#0": "n"], values: [":0": 1, ":y": 2])
        let condition = given && "m" == 3
        #expect(condition.text == "(#0 = :0 OR x = :y) AND #1 = :1")
        #expect(condition.names == ["#0": "n", "#1": "m"])
        #expect(condition.values == [":0": 1, ":y": 2, ":1": 3])
        // DynamoDB refuses parentheses around parentheses.
        #expect(("(a = b)" && "m" == 3).text == "(a = b) AND #0 = :0")
        #expect(("(a = b) OR (c = d)" && "m" == 3).text == "((a = b) OR (c = d)) AND #0 = :0")
        #expect((!Expression("a = b")).text == "NOT (a = b)")
    }

    @Test(
        arguments: [
            ([.set("a", to: 1)], "SET #0 = :0"), ([.remove("a"), .remove(Path("l")[2])], "REMOVE #0, #1[2]"),
            ([.add(1, to: "n"), .delete(Set(["x"]), from: "tags")], "ADD #0 :0 DELETE #1 :1"),
            (
                [.remove("b"), .set("a", to: 1), .add(2, to: "c"), .set("d", to: 1)],
                "SET #0 = :0, #1 = :0 REMOVE #2 ADD #3 :1"
            ),
            ([.set("n", to: Path("n") + 1)], "SET #0 = #0 + :0"),
            ([.set("n", to: Path("m") - Path("k"))], "SET #0 = #1 - #2"),
            ([.set("n", to: Path("n").ifNotExists(0) + 1)], "SET #0 = if_not_exists(#0, :0) + :1"),
            ([.set("l", to: Path("l").appending(["x"]))], "SET #0 = list_append(#0, :0)"),
            ([.set("l", to: Path("l").prepending(["x"]))], "SET #0 = list_append(:0, #0)"),
            (
                [.set("l", to: Path("l").ifNotExists([String]()).appending(["x"]))],
                "SET #0 = list_append(if_not_exists(#0, :0), :1)"
            ), ([.set("a", to: Path("b").ifNotExists(Path("c")))], "SET #0 = if_not_exists(#1, #2)"),
        ] as [(Expression, String)])
    func anUpdateIsWrittenAsDynamoDBReadsIt(update: Expression, text: String) {
        #expect(update.text == text)
    }

    @Test func aProjectionIsWrittenAsDynamoDBReadsIt() {
        let projection = Expression.attributes(["id", Path("address")["city"], Path("lines")[0]["sku"], "city"])
        #expect(projection.text == "#0, #1.#2, #3[0].#4, #2")
        #expect(projection.names == ["#0": "id", "#1": "address", "#2": "city", "#3": "lines", "#4": "sku"])
    }

    @Test func noReservedWordReachesTheText() {
        #expect(reservedWords.count == 573)
        for word in reservedWords + reservedWords.map({ $0.lowercased() }) {
            let built: [Expression] = [
                .init(arrayLiteral: .set(Path(word), to: Path(word)[word] + 1)), Path(word)[word] == 1,
                .attributes([Path(word)[word]]), .exists(Path(word)),
            ]
            for expression in built {
                let words = expression.text.split { !($0.isLetter || $0 == "_") }.map(String.init)
                #expect(!words.contains { $0 == word && word != "SET" }, "\(expression.text)")
                #expect(expression.names == ["#0": word])
            }
        }
    }

    @Test func editingABuiltExpressionMakesItAText() {
        var expression: Expression = "a" == 1
        expression.text += " AND #b = :b"
        expression.names["#b"] = "b"
        expression.values[":b"] = 2
        #expect(
            expression
                == Expression("#0 = :0 AND #b = :b", names: ["#0": "a", "#b": "b"], values: [":0": 1, ":b": 2]))
    }
}
