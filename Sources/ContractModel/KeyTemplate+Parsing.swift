extension KeyTemplate {
    /// Why a key cannot be taken apart into the values that it was made of.
    public enum Ambiguity: Sendable, Hashable {
        /// Nothing stands between two holes.
        case adjacentHoles(String, String)
        /// The value of a hole holds the text that follows the hole.
        case separatorInValue(hole: String, separator: String)
        /// The value of a hole is empty.
        case emptyValue(String)
    }

    /// The values that the template was filled with; nil where the key has not the template's form.
    ///
    /// Each hole ends where the text behind it first occurs, the last one at the key's end; a hole holds at least one
    /// character, and one that occurs twice holds the same both times. `parse(render(x))` is `x` exactly where
    /// `ambiguity(of: x)` is nil.
    public func parse(_ key: String) -> [String: String]? {
        var values: [String: String] = [:]
        var rest = Array(key.utf8)[...]
        for (index, piece) in pieces.enumerated() {
            switch piece {
            case .literal(let text):
                guard rest.starts(with: text.utf8) else { return nil }
                rest = rest.dropFirst(text.utf8.count)
            case .placeholder(let name):
                guard let length = length(ofHoleAt: index, in: rest), length > 0 else { return nil }
                let value = String(decoding: rest.prefix(length), as: UTF8.self)
                guard values.updateValue(value, forKey: name) ?? value == value else { return nil }
                rest = rest.dropFirst(length)
            }
        }
        return rest.isEmpty ? values : nil
    }

    /// Why a key made of these values would not be taken apart into them again; nil where it would.
    public func ambiguity(of values: [String: String]) -> Ambiguity? {
        if let adjacent = adjacentHoles { return adjacent }
        for (index, piece) in pieces.enumerated() {
            guard case .placeholder(let name) = piece, let value = values[name] else { continue }
            if value.isEmpty { return .emptyValue(name) }
            // Only what may stand further to the left than the text itself cuts a value short.
            guard index + 2 < pieces.count, case .literal(let text) = pieces[index + 1] else { continue }
            let bytes = Array(value.utf8) + Array(text.utf8)
            if KeyTemplate.first(Array(text.utf8), in: bytes[...]) != value.utf8.count {
                return .separatorInValue(hole: name, separator: text)
            }
        }
        return nil
    }

    /// Two holes with nothing between them: no key of this template can be taken apart.
    public var adjacentHoles: Ambiguity? {
        for (left, right) in zip(pieces, pieces.dropFirst()) {
            if case .placeholder(let first) = left, case .placeholder(let second) = right {
                return .adjacentHoles(first, second)
            }
        }
        return nil
    }

    /// The text that ends each hole, for the holes that something follows: a value that holds it is cut short.
    public var separators: [(hole: String, separator: String)] {
        pieces.indices.compactMap { index in
            guard index + 2 < pieces.count, case .placeholder(let hole) = pieces[index],
                case .literal(let text) = pieces[index + 1]
            else { return nil }
            return (hole, text)
        }
    }

    private func length(ofHoleAt index: Int, in rest: ArraySlice<UInt8>) -> Int? {
        guard index + 1 < pieces.count else { return rest.count }
        guard case .literal(let text) = pieces[index + 1] else { return nil }
        let wanted = Array(text.utf8)
        if index + 2 == pieces.count { return rest.count - wanted.count }
        return KeyTemplate.first(wanted, in: rest)
    }

    /// How far from the start the bytes first occur.
    private static func first(_ wanted: [UInt8], in bytes: ArraySlice<UInt8>) -> Int? {
        guard wanted.count <= bytes.count else { return nil }
        return (0...bytes.count - wanted.count).first { bytes.dropFirst($0).starts(with: wanted) }
    }
}
