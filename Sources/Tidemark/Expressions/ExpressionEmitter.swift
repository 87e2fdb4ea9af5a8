/// Writes built expressions as text: `#0`, `#1`… for names, `:0`, `:1`… for values, each of them once however often it
/// stands, and none that an expression given as text uses in the same request.
struct ExpressionEmitter {
    var text = ""
    private(set) var names: [String: String] = [:]
    private(set) var values: [String: AttributeValue] = [:]
    private var builtNames: [String] = []
    private var builtValues: [AttributeValue] = []
    private var firstName = 0
    private var firstValue = 0

    /// Takes up what a given expression's placeholders stand for. All of them come before the first `emit`.
    mutating func reserve(_ given: RawExpression) throws(ItemProblem) {
        for (name, meaning) in given.names {
            guard names.updateValue(meaning, forKey: name) ?? meaning == meaning else {
                throw ItemProblem(
                    reason: "the placeholder '\(name)' stands for two different attributes in one request")
            }
            firstName = max(firstName, Self.after(name))
        }
        for (name, value) in given.values {
            try ItemSize.check(value, of: name, depth: 0)
            guard values.updateValue(value, forKey: name) ?? value == value else {
                throw ItemProblem(reason: "the placeholder '\(name)' stands for two different values in one request")
            }
            firstValue = max(firstValue, Self.after(name))
        }
    }

    /// The number after a placeholder that is a number as ours are. One that ours cannot reach is none.
    private static func after(_ placeholder: String) -> Int {
        guard placeholder.utf8.count < 10, let number = Int(placeholder.dropFirst()) else { return 0 }
        return number + 1
    }

    /// The text written since it was last taken.
    mutating func takeText() -> String {
        defer { text = "" }
        return text
    }

    /// The text, and what its placeholders stand for.
    mutating func takeAll() -> RawExpression {
        for (place, name) in builtNames.enumerated() { names["#\(firstName + place)"] = name }
        for (place, value) in builtValues.enumerated() { values[":\(firstValue + place)"] = value }
        return RawExpression(text: takeText(), names: names, values: values)
    }

    // MARK: Operands, paths and values

    /// - Parameter path: what the operand is compared with or stored at, for what errors say.
    mutating func emit(
        _ node: Operand.Node, at path: Path, sums: Bool = false, functions: Bool = false
    ) throws(ItemProblem) {
        switch node {
        case .value(let value): try emit(value, at: path)
        case .path(let other):
            if functions { try emit(other, as: "an update") } else { try emit(other) }
        case .problem(let reason): throw ItemProblem(reason: reason)
        case .ifNotExists(let other, let value) where functions:
            text += "if_not_exists("
            try emit(other, as: "if_not_exists")
            text += ", "
            try emit(value, at: path, functions: true)
            text += ")"
        case .listAppend(let first, let second) where functions:
            text += "list_append("
            try emit(first, at: path, functions: true)
            text += ", "
            try emit(second, at: path, functions: true)
            text += ")"
        case .sum(let left, let right) where sums: try emit(left, " + ", right, at: path)
        case .difference(let left, let right) where sums: try emit(left, " - ", right, at: path)
        case .ifNotExists, .listAppend:
            throw ItemProblem(reason: "'\(path)' is compared with a function that only updates have")
        case .sum, .difference:
            throw ItemProblem(
                reason: "'\(path)' has arithmetic where DynamoDB takes none: an update can store one sum or difference")
        }
    }

    private mutating func emit(
        _ left: Operand.Node, _ sign: String, _ right: Operand.Node, at path: Path
    ) throws(ItemProblem) {
        try emit(left, at: path, functions: true)
        text += sign
        try emit(right, at: path, functions: true)
    }

    /// - Parameter place: what takes the path and no size; nil where a size will do.
    mutating func emit(_ path: Path, as place: String? = nil) throws(ItemProblem) {
        if let place, path.isSize {
            throw ItemProblem(
                reason: "\(path) stands in \(place), which takes an attribute: only comparisons take a size")
        }
        if path.isSize { text += "size(" }
        try emit(name: path.name, of: path)
        for part in path.rest {
            switch part {
            case .name(let name):
                text += "."
                try emit(name: name, of: path)
            case .index(let index):
                guard index >= 0 else {
                    throw ItemProblem(reason: "'\(path)' has an index below zero: lists are counted from 0")
                }
                text += "[\(index)]"
            }
        }
        if path.isSize { text += ")" }
    }

    private mutating func emit(name: String, of path: Path) throws(ItemProblem) {
        guard !name.isEmpty else { throw ItemProblem(reason: "the path '\(path)' has an empty name") }
        text += "#\(firstName + Self.place(of: name, in: &builtNames))"
    }

    mutating func emit(_ value: AttributeValue, at path: Path) throws(ItemProblem) {
        try ItemSize.check(value, of: path.description, depth: 0)
        text += ":\(firstValue + Self.place(of: value, in: &builtValues))"
    }

    /// Few enough are expected that looking through them costs less than hashing each.
    private static func place<Element: Equatable>(of element: Element, in elements: inout [Element]) -> Int {
        if let known = elements.firstIndex(of: element) { return known }
        elements.append(element)
        return elements.count - 1
    }
}
