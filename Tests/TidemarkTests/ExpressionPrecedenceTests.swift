import TestSupport
import Testing
import Tidemark

/// A condition as its text says, nested alls and anys of one kind as one.
private indirect enum Tree: Hashable {
    case leaf(String)
    case not(Tree)
    case all([Tree])
    case any([Tree])

    static func random(depth: Int, using generator: inout SeededGenerator) -> Tree {
        func some() -> [Tree] {
            (0..<Int.random(in: 2...4, using: &generator)).map { _ in random(depth: depth - 1, using: &generator) }
        }
        switch depth > 0 ? Int.random(in: 0..<5, using: &generator) : 0 {
        case 0: return .leaf(["=", "BETWEEN", "IN", "exists"].randomElement(using: &generator) ?? "=")
        case 1: return .not(random(depth: depth - 1, using: &generator))
        case 2, 3: return .all(some())
        default: return .any(some())
        }
    }

    /// By the operators where there are two, and by the functions that join lists.
    var built: Expression {
        switch self {
        case .leaf("="): "a" == 1
        case .leaf("BETWEEN"): .between("b", 1, and: 2)
        case .leaf("IN"): .in("c", [1, 2])
        case .leaf: .exists("d")
        case .not(let tree): !tree.built
        case .all(let trees) where trees.count == 2: trees[0].built && trees[1].built
        case .any(let trees) where trees.count == 2: trees[0].built || trees[1].built
        case .all(let trees): .all(trees.map(\.built))
        case .any(let trees): .any(trees.map(\.built))
        }
    }

    var flat: Tree {
        switch self {
        case .leaf: self
        case .not(let tree): .not(tree.flat)
        case .all(let trees):
            .all(trees.map(\.flat).flatMap { if case .all(let inner) = $0 { inner } else { [$0] } })
        case .any(let trees):
            .any(trees.map(\.flat).flatMap { if case .any(let inner) = $0 { inner } else { [$0] } })
        }
    }

    var operators: Int {
        switch self {
        case .leaf: 1
        case .not(let tree): tree.operators + 1
        case .all(let trees), .any(let trees): trees.reduce(trees.count - 1) { $0 + $1.operators }
        }
    }
}

/// Reads a condition by DynamoDB's precedence: parentheses, NOT, AND, OR.
/// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.OperatorsAndFunctions.html
private struct ConditionReader {
    private var tokens: ArraySlice<String>

    static func read(_ text: String) throws -> Tree {
        var spaced = ""
        for character in text { spaced += "(),".contains(character) ? " \(character) " : String(character) }
        var reader = ConditionReader(tokens: spaced.split(separator: " ").map(String.init)[...])
        let tree = try reader.readAny()
        try #require(reader.tokens.isEmpty, "left over: \(reader.tokens)")
        return tree.flat
    }

    private mutating func take(_ token: String) -> Bool {
        guard tokens.first == token else { return false }
        tokens.removeFirst()
        return true
    }

    private mutating func readAny() throws -> Tree {
        var trees = [try readAll()]
        while take("OR") { trees.append(try readAll()) }
        return trees.count == 1 ? trees[0] : .any(trees)
    }

    private mutating func readAll() throws -> Tree {
        var trees = [try readNot()]
        while take("AND") { trees.append(try readNot()) }
        return trees.count == 1 ? trees[0] : .all(trees)
    }

    private mutating func readNot() throws -> Tree {
        if take("NOT") { return .not(try readNot()) }
        guard take("(") else { return try readLeaf() }
        let tree = try readAny()
        try #require(take(")"))
        return tree
    }

    private mutating func readLeaf() throws -> Tree {
        let forms: [String: [Character]] = [
            "=": Array("n=v"), "BETWEEN": Array("nBv&v"), "IN": Array("nI(v,v)"), "exists": Array("f(n)"),
        ]
        for (name, form) in forms where tokens.count >= form.count && zip(tokens, form).allSatisfy(Self.fits) {
            tokens.removeFirst(form.count)
            return .leaf(name)
        }
        throw Unreadable(tokens: Array(tokens))
    }

    private static func fits(_ token: String, _ form: Character) -> Bool {
        switch form {
        case "n": token.hasPrefix("#")
        case "v": token.hasPrefix(":")
        case "B": token == "BETWEEN"
        case "I": token == "IN"
        case "&": token == "AND"
        case "f": token == "attribute_exists"
        default: token == String(form)
        }
    }

    struct Unreadable: Error { var tokens: [String] }
}

/// Whether the text has `((…))`, which DynamoDB refuses as redundant.
private func hasDoubledParentheses(_ text: String) -> Bool {
    let characters = Array(text)
    var open: [Int] = []
    var closing: [Int: Int] = [:]
    for (place, character) in characters.enumerated() {
        if character == "(" { open.append(place) }
        if character == ")" { closing[open.removeLast()] = place }
    }
    return closing.contains { start, end in closing[start + 1] == end - 1 }
}

struct ExpressionPrecedenceTests {
    @Test func doubledParenthesesAreSeen() {
        #expect(hasDoubledParentheses("NOT ((a AND b))"))
        #expect(!hasDoubledParentheses("((a OR b) AND c)"))
    }

    @Test(arguments: 1...10) func aTextReadsBackAsTheTreeItWasBuiltFrom(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        var compared = 0
        for _ in 0..<60 {
            let tree = Tree.random(depth: 5, using: &generator)
            guard tree.operators <= DynamoDBLimits.maximumExpressionOperators else { continue }
            let text = tree.built.text
            #expect(try ConditionReader.read(text) == tree.flat, "seed \(seed): \(text)")
            #expect(!hasDoubledParentheses(text), "seed \(seed): \(text)")
            compared += 1
        }
        #expect(compared > 30)
    }

    @Test func theOperatorsHaveDynamoDBsPrecedenceInSwiftToo() throws {
        let built: Expression = "a" == 1 || .between("b", 1, and: 2) && !.exists("d") || .in("c", [1, 2])
        #expect(
            try ConditionReader.read(built.text)
                == .any([.leaf("="), .all([.leaf("BETWEEN"), .not(.leaf("exists"))]), .leaf("IN")]))
    }
}
