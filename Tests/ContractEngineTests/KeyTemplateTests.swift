import ContractModel
import Testing

struct KeyTemplateParsingTests {
    @Test func keyIsTakenApart() {
        let template = KeyTemplate("ORDER#{created_at}#{order_id}")
        #expect(template.parse("ORDER#2026#7") == ["created_at": "2026", "order_id": "7"])
        // The last value may hold the separator: it ends with the key.
        #expect(template.parse("ORDER#2026#7#8") == ["created_at": "2026", "order_id": "7#8"])
        for key in ["", "ORDER#", "ORDER##7", "ORDER#2026#", "CART#2026#7", "ORDER#2026"] {
            #expect(template.parse(key) == nil)
        }
        #expect(KeyTemplate("#META").parse("#META") == [:])
        #expect(KeyTemplate("{a}#END").parse("x#END#END") == ["a": "x#END"])
        #expect(KeyTemplate("{a}-{a}").parse("1-1") == ["a": "1"])
        #expect(KeyTemplate("{a}-{a}").parse("1-2") == nil)
    }

    @Test func whatCannotBeTakenApartSaysWhy() {
        #expect(KeyTemplate("{a}{b}").ambiguity(of: ["a": "1", "b": "2"]) == .adjacentHoles("a", "b"))
        #expect(
            KeyTemplate("{a}#{b}").ambiguity(of: ["a": "1#2", "b": "3"]) == .separatorInValue(hole: "a", separator: "#")
        )
        #expect(KeyTemplate("{a}#{b}").ambiguity(of: ["a": "", "b": "3"]) == .emptyValue("a"))
        #expect(KeyTemplate("{a}#{b}").ambiguity(of: ["a": "1", "b": "2#3"]) == nil)
        #expect(
            KeyTemplate("{a}ABA{b}").ambiguity(of: ["a": "xAB", "b": "1"])
                == .separatorInValue(hole: "a", separator: "ABA"))
    }
}
