/// The header lines of an answer as they came, each ended by a line feed, read where somebody asks.
package struct ResponseHead: Sendable, Hashable {
    private let lines: [UInt8]

    /// Header lines without the status line. A line that starts with a space continues the one before; one without a
    /// colon is left out.
    package init(lines: [UInt8]) {
        self.lines = lines
    }

    /// All of them, in the order in which they came.
    package var headers: [HTTPHeader] {
        var headers: [HTTPHeader] = []
        headers.reserveCapacity(8)
        for line in lines.split(separator: UInt8(ascii: "\n")) {
            if ResponseHead.isContinuation(line), let last = headers.indices.last {
                headers[last].value += " " + String(decoding: ResponseHead.trimmed(line), as: UTF8.self)
                continue
            }
            guard let colon = line.firstIndex(of: UInt8(ascii: ":")), colon > line.startIndex else { continue }
            headers.append(
                HTTPHeader(
                    name: String(decoding: line[..<colon], as: UTF8.self),
                    value: String(decoding: ResponseHead.trimmed(line[(colon + 1)...]), as: UTF8.self)))
        }
        return headers
    }

    /// The value of the first header of this name, compared without regard to case; the others are not read.
    package func firstValue(named name: String) -> String? {
        var start = 0
        while start < lines.count {
            let end = lines[start...].firstIndex(of: UInt8(ascii: "\n")) ?? lines.count
            let next = end + 1
            // A continued header is rare enough to be read the long way.
            if next < lines.count, ResponseHead.isContinuation(lines[next...]) {
                return headers.firstValue(named: name)
            }
            if isHeader(name, at: start, before: end) {
                return String(decoding: ResponseHead.trimmed(lines[(start + name.utf8.count + 1)..<end]), as: UTF8.self)
            }
            start = next
        }
        return nil
    }

    private func isHeader(_ name: String, at start: Int, before end: Int) -> Bool {
        let colon = start + name.utf8.count
        guard colon < end, lines[colon] == UInt8(ascii: ":") else { return false }
        var place = start
        for byte in name.utf8 {
            guard lines[place].asciiLowercased == byte.asciiLowercased else { return false }
            place += 1
        }
        return true
    }

    private static func isContinuation(_ line: ArraySlice<UInt8>) -> Bool {
        line.first == UInt8(ascii: " ") || line.first == UInt8(ascii: "\t")
    }

    private static func trimmed(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        var bytes = bytes
        while let first = bytes.first, first <= 0x20 { bytes.removeFirst() }
        while let last = bytes.last, last <= 0x20 { bytes.removeLast() }
        return bytes
    }
}

extension ResponseHead: CustomStringConvertible, CustomReflectable {
    /// The names alone: a value may be anything, and the bytes help nobody.
    package var description: String { "headers: " + headers.map(\.name).joined(separator: ", ") }
    /// Nor do `dump` and mirrors.
    package var customMirror: Mirror { Mirror(self, children: ["names": headers.map(\.name)]) }
}
