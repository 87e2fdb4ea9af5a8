/// An attribute, or a part of one: a member of a map, an element of a list, or the size of either.
///
///     Path("address")["city"]     // a member of the map `address`
///     Path("lines")[0]            // the first element of the list `lines`
///     Path("tags").size > 3       // how large `tags` is, in a condition
///
/// A string literal is the name of one attribute, whatever is in it: a dot or a bracket in it has no meaning, and no
/// name is reserved, since a name never stands in an expression's text.
public struct Path: Sendable, Hashable, ExpressibleByStringLiteral, CustomStringConvertible {
    enum Part: Hashable {
        case name(String)
        case index(Int)
    }

    let name: String
    private(set) var rest: [Part] = []
    private(set) var isSize = false

    /// The attribute of that name.
    public init(_ name: String) { self.name = name }

    /// The attribute of that name.
    public init(stringLiteral value: String) { self.init(value) }

    /// The member of that name of the map that is here.
    public subscript(name: String) -> Path { appending(.name(name)) }

    /// The element at that place, from 0, of the list that is here.
    public subscript(index: Int) -> Path { appending(.index(index)) }

    /// How large what is here is, as conditions may compare it: a string's length, a binary's bytes, how many members a
    /// set, list or map has. Not for updates and projections, which refuse it.
    /// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.OperatorsAndFunctions.html
    public var size: Path {
        var path = self
        path.isSize = true
        return path
    }

    /// The path as DynamoDB's documentation writes it: "address.city", "lines[0]".
    public var description: String {
        let text = rest.reduce(into: name) { text, part in
            switch part {
            case .name(let name): text += "." + name
            case .index(let index): text += "[\(index)]"
            }
        }
        return isSize ? "size(\(text))" : text
    }

    private func appending(_ part: Part) -> Path {
        var path = self
        path.rest.append(part)
        return path
    }

    /// Whether the other path is this one or lies in it.
    func covers(_ other: Path) -> Bool { name == other.name && other.rest.starts(with: rest) }

    /// The two of these paths that DynamoDB refuses beside each other, the outer one first: equal, or one in the other.
    static func overlap(in paths: [Path]) -> (Path, Path)? {
        for (place, path) in paths.enumerated() {
            for other in paths[..<place] {
                if other.covers(path) { return (other, path) }
                if path.covers(other) { return (path, other) }
            }
        }
        return nil
    }
}
