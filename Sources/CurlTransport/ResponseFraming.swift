internal import AWSCore

/// `HTTP/1.1 200 OK`
struct StatusLine {
    let isHTTP11: Bool
    let status: Int

    /// Nil for what is no status line of HTTP/1.
    init?(_ line: Slice<UnsafeRawBufferPointer>) {
        let bytes = UnsafeRawBufferPointer(rebasing: line)
        guard bytes.count >= 12, bytes.starts(with: "HTTP/1.".utf8), bytes[7].isASCIIDigit,
            bytes[8] == UInt8(ascii: " "), bytes[9...11].allSatisfy(\.isASCIIDigit),
            bytes.count == 12 || bytes[12] <= 0x20
        else { return nil }
        isHTTP11 = bytes[7] != UInt8(ascii: "0")
        status = bytes[9...11].reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
        guard (100...599).contains(status) else { return nil }
    }
}

/// How long a body is and whether the connection outlives it. https://www.rfc-editor.org/rfc/rfc9112#section-6.3
struct Framing {
    enum Length: Equatable {
        case bytes(Int)
        case chunked
        case untilClose
    }

    private(set) var length = Length.untilClose
    private(set) var keepsConnection: Bool

    private var saysClose = false
    private var saysKeepAlive = false
    private var statesLength = false

    /// Reads header lines. Contradictory lengths, or an encoding other than chunked, are refused, since guessing would
    /// take one answer's bytes for another's.
    init(_ lines: UnsafeRawBufferPointer, isHTTP11: Bool) throws(ResponseParser.Failure) {
        keepsConnection = false
        var start = 0
        while start < lines.count {
            let end = lines[start...].firstIndex(of: 0x0A) ?? lines.count
            try read(UnsafeRawBufferPointer(rebasing: lines[start..<end]))
            start = end + 1
        }
        // A length beside chunks is read, the chunks deciding, but not trusted with another answer; nor are the chunks of
        // a server too old for them.
        let isDoubtful = length == .chunked && (statesLength || !isHTTP11)
        keepsConnection = !saysClose && !isDoubtful && (isHTTP11 || saysKeepAlive)
    }

    private mutating func read(_ line: UnsafeRawBufferPointer) throws(ResponseParser.Failure) {
        guard let name = line.first?.asciiLowercased, name == UInt8(ascii: "c") || name == UInt8(ascii: "t") else {
            return
        }
        if let value = Framing.value(of: "content-length:", in: line) {
            let count = try Framing.count(value)
            statesLength = true
            if length == .chunked { return }
            guard length == .untilClose || length == .bytes(count) else { throw .malformed }
            length = .bytes(count)
        } else if let value = Framing.value(of: "transfer-encoding:", in: line) {
            guard Framing.equals(value, "chunked") else { throw .malformed }
            length = .chunked
        } else if let value = Framing.value(of: "connection:", in: line) {
            for option in value.split(separator: UInt8(ascii: ",")) {
                let word = Framing.trimmed(UnsafeRawBufferPointer(rebasing: option))
                if Framing.equals(word, "close") { saysClose = true }
                if Framing.equals(word, "keep-alive") { saysKeepAlive = true }
            }
        }
    }

    /// The value after a name in lower case with its colon, without space around it.
    private static func value(of name: StaticString, in line: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer? {
        let count = name.utf8CodeUnitCount
        guard line.count >= count else { return nil }
        for place in 0..<count where line[place].asciiLowercased != name.utf8Start[place] { return nil }
        return trimmed(UnsafeRawBufferPointer(rebasing: line[count...]))
    }

    private static func trimmed(_ bytes: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
        var (start, end) = (0, bytes.count)
        while start < end, bytes[start] <= 0x20 { start += 1 }
        while end > start, bytes[end - 1] <= 0x20 { end -= 1 }
        return UnsafeRawBufferPointer(rebasing: bytes[start..<end])
    }

    private static func equals(_ value: UnsafeRawBufferPointer, _ word: StaticString) -> Bool {
        value.count == word.utf8CodeUnitCount
            && value.indices.allSatisfy { value[$0].asciiLowercased == word.utf8Start[$0] }
    }

    private static func count(_ digits: UnsafeRawBufferPointer) throws(ResponseParser.Failure) -> Int {
        guard (1...18).contains(digits.count) else { throw .malformed }
        var count = 0
        for digit in digits {
            guard digit.isASCIIDigit else { throw .malformed }
            count = count * 10 + Int(digit - UInt8(ascii: "0"))
        }
        return count
    }
}

/// Takes the framing off a chunked body. https://www.rfc-editor.org/rfc/rfc9112#section-7.1
struct ChunkReader {
    /// A size line or trailers longer than this are refused, in bytes.
    private static let maximumLineBytes = 65_536

    private enum Stage {
        case size(Int, digits: Int)
        case extensions(size: Int)
        case data(left: Int)
        case dataEnd
        case trailer(isLineEmpty: Bool)
        case complete
    }

    private var stage = Stage.size(0, digits: 0)
    private var lineBytes = 0

    var isComplete: Bool {
        if case .complete = stage { true } else { false }
    }

    /// Takes framing up to the next piece of the body; that piece, which may be empty, and how many bytes it all was.
    mutating func take(
        _ bytes: UnsafeRawBufferPointer
    ) throws(ResponseParser.Failure) -> (piece: Slice<UnsafeRawBufferPointer>, used: Int) {
        var place = 0
        while place < bytes.count, !isComplete {
            if case .data(let left) = stage {
                let end = place + min(left, bytes.count - place)
                stage = end - place == left ? .dataEnd : .data(left: left - (end - place))
                return (bytes[place..<end], end)
            }
            try take(bytes[place])
            place += 1
        }
        return (bytes[place..<place], place)
    }

    private mutating func take(_ byte: UInt8) throws(ResponseParser.Failure) {
        lineBytes += 1
        guard lineBytes <= ChunkReader.maximumLineBytes else { throw .tooLarge }
        switch stage {
        case .size(let size, let digits):
            if let digit = ChunkReader.hexDigit(byte) {
                guard digits < 15 else { throw .tooLarge }
                stage = .size(size << 4 | digit, digits: digits + 1)
            } else {
                guard digits > 0, byte == 0x0A || byte == 0x0D || byte == UInt8(ascii: ";") || byte == 0x20 else {
                    throw .malformed
                }
                endSizeLine(byte, size: size)
            }
        case .extensions(let size): endSizeLine(byte, size: size)
        case .dataEnd:
            if byte == 0x0A {
                stage = .size(0, digits: 0)
                lineBytes = 0
            } else if byte != 0x0D {
                throw .malformed
            }
        case .trailer(let isLineEmpty):
            if byte == 0x0A {
                stage = isLineEmpty ? .complete : .trailer(isLineEmpty: true)
            } else if byte != 0x0D {
                stage = .trailer(isLineEmpty: false)
            }
        case .data, .complete: break
        }
    }

    private mutating func endSizeLine(_ byte: UInt8, size: Int) {
        guard byte == 0x0A else {
            stage = .extensions(size: size)
            return
        }
        lineBytes = 0
        stage = size == 0 ? .trailer(isLineEmpty: true) : .data(left: size)
    }

    private static func hexDigit(_ byte: UInt8) -> Int? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): Int(byte - UInt8(ascii: "0"))
        case UInt8(ascii: "a")...UInt8(ascii: "f"): Int(byte - UInt8(ascii: "a")) + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): Int(byte - UInt8(ascii: "A")) + 10
        default: nil
        }
    }
}
