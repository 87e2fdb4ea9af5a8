/// Appends JSON to bytes. Commas and colons are put automatically; nesting is the caller's to balance.
public struct JSONWriter: Sendable {
    /// What has been written, and room behind it, which is zeros: filling it in place is quicker than appending.
    private var buffer: [UInt8]
    /// How many bytes have been written.
    public private(set) var count = 0
    /// Whether the next value or name needs a comma in front of it.
    private var needsComma = false

    /// Starts empty, with room for that many bytes.
    public init(reserving capacity: Int = 256) {
        buffer = [UInt8](repeating: 0, count: max(16, capacity))
    }

    /// What has been written so far, as a copy.
    public var bytes: [UInt8] { Array(buffer[..<count]) }

    /// What has been written so far, as text.
    public var text: String { String(decoding: buffer[..<count], as: UTF8.self) }

    /// Gives what has been written without copying it, and starts over.
    public mutating func take() -> [UInt8] {
        var taken: [UInt8] = []
        swap(&taken, &buffer)
        taken.removeLast(taken.count - count)
        count = 0
        needsComma = false
        return taken
    }

    /// A place to go back to.
    package struct Mark: Sendable {
        fileprivate let count: Int
        fileprivate let needsComma: Bool
    }

    /// Where the writer is now.
    package var mark: Mark { Mark(count: count, needsComma: needsComma) }

    /// Takes back what was written since a mark of this writer.
    package mutating func goBack(to mark: Mark) {
        count = min(count, mark.count)
        needsComma = mark.needsComma
    }

    /// Opens an object.
    public mutating func beginObject() { open(UInt8(ascii: "{")) }

    /// Closes the object.
    public mutating func endObject() { close(UInt8(ascii: "}")) }

    /// Opens an array.
    public mutating func beginArray() { open(UInt8(ascii: "[")) }

    /// Closes the array.
    public mutating func endArray() { close(UInt8(ascii: "]")) }

    /// Writes the name of the member whose value comes next.
    public mutating func key(_ name: String) {
        appendQuoted(name, then: UInt8(ascii: ":"))
        needsComma = false
    }

    /// The same for a name that is known when the program is compiled.
    package mutating func key(of name: StaticString) {
        appendQuoted(
            UnsafeRawBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount), then: UInt8(ascii: ":"))
        needsComma = false
    }

    /// Writes a string.
    public mutating func string(_ text: String) {
        appendQuoted(text, then: nil)
        needsComma = true
    }

    /// Writes a number whose text is already JSON.
    public mutating func number(text: String) {
        separate()
        withUTF8(of: text) { append($0) }
    }

    /// Writes an integer.
    public mutating func number(_ value: some BinaryInteger) {
        guard let magnitude = UInt64(exactly: value.magnitude) else { return number(text: String(value)) }
        decimal(magnitude, isNegative: value < 0, places: 0)
    }

    /// Writes the shortest text that reads back as the same number. JSON has no NaN and no infinity: they become null.
    public mutating func number(_ value: Double) {
        guard value.isFinite else { return null() }
        if value.rounded() == value, value.magnitude < 0x1p53 {
            return decimal(UInt64(value.magnitude), isNegative: value < 0, places: 0)
        }
        // Most numbers are short decimals. One of at most 15 digits that reads back as the value is the only one, and so the
        // shortest (https://en.cppreference.com/w/cpp/types/numeric_limits/digits10); below 0.0001 an exponent is shorter.
        let millionths = (value.magnitude * 1e6).rounded()
        guard value.magnitude >= 1e-4, millionths < 1e15, millionths / 1e6 == value.magnitude else {
            return number(text: value.description)
        }
        var (digits, places) = (UInt64(millionths), 6)
        while digits.isMultiple(of: 10) { (digits, places) = (digits / 10, places - 1) }
        decimal(digits, isNegative: value < 0, places: places)
    }

    /// Writes `true` or `false`.
    public mutating func bool(_ flag: Bool) {
        separate()
        append(flag ? "true" : "false")
    }

    /// Writes `null`.
    public mutating func null() {
        separate()
        append("null")
    }

    /// Writes bytes that are one JSON value already.
    public mutating func raw(_ json: some Sequence<UInt8>) {
        separate()
        let isDone: Void? = json.withContiguousStorageIfAvailable { append(UnsafeRawBufferPointer($0)) }
        if isDone == nil { for byte in json { append(byte) } }
    }

    /// Writes a whole tree.
    public mutating func value(_ value: JSONValue) {
        switch value {
        case .null: null()
        case .bool(let flag): bool(flag)
        case .number(let text): number(text: text)
        case .string(let text): string(text)
        case .array(let elements):
            beginArray()
            for element in elements { self.value(element) }
            endArray()
        case .object(let members):
            beginObject()
            for member in members {
                key(member.name)
                self.value(member.value)
            }
            endObject()
        }
    }

    // MARK: Members in one line

    /// Writes a member that is a string.
    public mutating func member(_ name: String, _ text: String) {
        key(name)
        string(text)
    }

    /// Writes a member that is an integer.
    public mutating func member(_ name: String, _ value: some BinaryInteger) {
        key(name)
        number(value)
    }

    /// Writes a member that is a floating-point number.
    public mutating func member(_ name: String, _ value: Double) {
        key(name)
        number(value)
    }

    /// Writes a member that is a truth value.
    public mutating func member(_ name: String, _ flag: Bool) {
        key(name)
        bool(flag)
    }

    // MARK: Pieces

    /// Appends what a package's own codec has spelled out, with the comma in front if one is due. What comes next is the
    /// value that the text leads up to.
    package mutating func lead(_ json: StaticString) {
        separate()
        append(json)
        needsComma = false
    }

    /// Appends what closes a value that `lead` opened.
    package mutating func trail(_ json: StaticString) {
        append(json)
        needsComma = true
    }

    /// Writes a string of that many bytes, which `fill` writes: ASCII that needs no escapes.
    package mutating func plainString(count size: Int, _ fill: (UnsafeMutableRawBufferPointer) -> Void) {
        separate()
        append(UInt8(ascii: "\""))
        extend(by: size) { fill(UnsafeMutableRawBufferPointer(start: $0, count: size)) }
        append(UInt8(ascii: "\""))
    }

    /// Makes room for that many bytes, which `fill` has to write all.
    @inline(__always)
    private mutating func extend(by size: Int, _ fill: (UnsafeMutableRawPointer) -> Void) {
        if buffer.count - count < size { grow(by: size) }
        let start = count
        buffer.withUnsafeMutableBytes { buffer in
            if let base = buffer.baseAddress { fill(base + start) }
        }
        count += size
    }

    @inline(never)
    private mutating func grow(by size: Int) {
        buffer.append(contentsOf: repeatElement(0, count: max(size, buffer.count)))
    }

    private mutating func append(_ byte: UInt8) {
        extend(by: 1) { $0.storeBytes(of: byte, as: UInt8.self) }
    }

    private mutating func append(_ json: StaticString) {
        append(UnsafeRawBufferPointer(start: json.utf8Start, count: json.utf8CodeUnitCount))
    }

    @inline(__always)
    private mutating func append(_ text: UnsafeRawBufferPointer) {
        guard let source = text.baseAddress else { return }
        extend(by: text.count) { $0.copyMemory(from: source, byteCount: text.count) }
    }

    @inline(__always)
    private mutating func separate() {
        if needsComma { append(UInt8(ascii: ",")) }
        needsComma = true
    }

    /// Writes a number's digits, so many of them behind the point.
    private mutating func decimal(_ magnitude: UInt64, isNegative: Bool, places: Int) {
        separate()
        // 20 digits, a sign and a point.
        withUnsafeTemporaryAllocation(byteCount: 22, alignment: 1) { text in
            var (start, rest, written) = (text.count, magnitude, 0)
            func put(_ byte: UInt8) {
                start -= 1
                text[start] = byte
            }
            repeat {
                if written == places, places > 0 { put(UInt8(ascii: ".")) }
                put(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10))
                (rest, written) = (rest / 10, written + 1)
            } while rest > 0 || written <= places
            if isNegative { put(UInt8(ascii: "-")) }
            append(UnsafeRawBufferPointer(rebasing: text[start...]))
        }
    }

    private mutating func open(_ bracket: UInt8) {
        separate()
        append(bracket)
        needsComma = false
    }

    private mutating func close(_ bracket: UInt8) {
        append(bracket)
        needsComma = true
    }

    /// Appends a comma if one is due, the text in quotes, and a colon if asked.
    private mutating func appendQuoted(_ text: String, then colon: UInt8?) {
        withUTF8(of: text) { appendQuoted($0, then: colon) }
    }

    @inline(__always)
    private mutating func appendQuoted(_ text: UnsafeRawBufferPointer, then colon: UInt8?) {
        guard PlainText.run(in: text, from: 0).end == text.count else {
            separate()
            return appendEscaped(text, then: colon)
        }
        let comma = needsComma ? 1 : 0
        extend(by: text.count + comma + 2 + (colon == nil ? 0 : 1)) { room in
            var place = room
            if comma > 0 {
                place.storeBytes(of: UInt8(ascii: ","), as: UInt8.self)
                place += 1
            }
            place.storeBytes(of: UInt8(ascii: "\""), as: UInt8.self)
            if let source = text.baseAddress { (place + 1).copyMemory(from: source, byteCount: text.count) }
            place += text.count + 1
            place.storeBytes(of: UInt8(ascii: "\""), as: UInt8.self)
            if let colon { (place + 1).storeBytes(of: colon, as: UInt8.self) }
        }
    }

    @inline(never)
    private mutating func appendEscaped(_ text: UnsafeRawBufferPointer, then colon: UInt8?) {
        append(UInt8(ascii: "\""))
        var start = 0
        while true {
            let stop = PlainText.run(in: text, from: start).end
            if stop > start { append(UnsafeRawBufferPointer(rebasing: text[start..<stop])) }
            guard stop < text.count else { break }
            appendEscape(text[stop])
            start = stop + 1
        }
        append(UInt8(ascii: "\""))
        if let colon { append(colon) }
    }

    private mutating func appendEscape(_ byte: UInt8) {
        append(UInt8(ascii: "\\"))
        switch byte {
        case 0x0A: append(UInt8(ascii: "n"))
        case 0x0D: append(UInt8(ascii: "r"))
        case 0x09: append(UInt8(ascii: "t"))
        case 0..<0x20:
            append("u00")
            append(UInt8(ascii: "0") + byte >> 4)
            append(byte & 15 < 10 ? UInt8(ascii: "0") + byte & 15 : UInt8(ascii: "a") + byte & 15 - 10)
        default: append(byte)
        }
    }
}

// Strings are contiguous but for those bridged from Objective-C.
@inline(__always)
private func withUTF8(of text: String, _ body: (UnsafeRawBufferPointer) -> Void) {
    let isDone: Void? = text.utf8.withContiguousStorageIfAvailable { body(UnsafeRawBufferPointer($0)) }
    if isDone == nil { Array(text.utf8).withUnsafeBytes(body) }
}
