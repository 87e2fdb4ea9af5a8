internal import Glibc

/// The signed headers, names in lower case and values trimmed, all in one piece of memory instead of two strings each.
struct CanonicalHeaders {
    private struct Field {
        var name: Range<Int>
        var value: Range<Int>
    }

    private var scratch: ByteWriter
    private let fields: UnsafeMutableBufferPointer<Field>
    private var count = 0
    private var containsHost = false

    /// Gives the headers sorted, with the host where no header names it; `bytes` is what all of it can weigh at most.
    static func with<Result>(
        _ headers: [HTTPHeader], host: UnsafeRawBufferPointer, bytes: Int, _ body: (CanonicalHeaders) -> Result
    ) -> Result {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: bytes) { memory in
            withUnsafeTemporaryAllocation(of: Field.self, capacity: headers.count + 1) { fields in
                var canonical = CanonicalHeaders(scratch: ByteWriter(memory), fields: fields)
                for header in headers where !isUnsigned(header.name) { canonical.append(header) }
                if !canonical.containsHost { canonical.appendHost(host) }
                canonical.sort()
                return body(canonical)
            }
        }
    }

    private init(scratch: ByteWriter, fields: UnsafeMutableBufferPointer<Field>) {
        self.scratch = scratch
        self.fields = fields
    }

    /// Writes `name:value` lines, an empty line, the names and a line end; where the names lie.
    func append(to writer: inout ByteWriter) -> Range<Int> {
        for index in 0..<count {
            if index > 0, CanonicalHeaders.compare(scratch[fields[index].name], scratch[fields[index - 1].name]) == 0 {
                writer.replaceLast(with: UInt8(ascii: ","))
            } else {
                writer.append(scratch[fields[index].name])
                writer.append(":" as Unicode.Scalar)
            }
            writer.append(scratch[fields[index].value])
            writer.append("\n" as Unicode.Scalar)
        }
        writer.append("\n" as Unicode.Scalar)
        let start = writer.count
        for index in 0..<count {
            if index > 0 {
                if CanonicalHeaders.compare(scratch[fields[index].name], scratch[fields[index - 1].name]) == 0 {
                    continue
                }
                writer.append(";" as Unicode.Scalar)
            }
            writer.append(scratch[fields[index].name])
        }
        let names = start..<writer.count
        writer.append("\n" as Unicode.Scalar)
        return names
    }

    private mutating func append(_ header: HTTPHeader) {
        let start = scratch.count
        for byte in header.name.utf8 { scratch.append(byte.asciiLowercased) }
        let name = start..<scratch.count
        if header.name.utf8.count == 4, header.name.equalsIgnoringASCIICase("host") { containsHost = true }
        appendCollapsed(header.value)
        add(Field(name: name, value: name.upperBound..<scratch.count))
    }

    private mutating func appendHost(_ host: UnsafeRawBufferPointer) {
        let start = scratch.count
        scratch.append("host" as StaticString)
        scratch.append(host)
        add(Field(name: start..<start + 4, value: start + 4..<scratch.count))
    }

    private mutating func add(_ field: Field) {
        fields.initializeElement(at: count, to: field)
        count += 1
    }

    /// By name; headers of one name keep their order. There are few: an insertion sort needs no memory.
    private func sort() {
        guard count > 1 else { return }
        for index in 1..<count {
            let field = fields[index]
            var place = index
            while place > 0, CanonicalHeaders.compare(scratch[field.name], scratch[fields[place - 1].name]) < 0 {
                fields[place] = fields[place - 1]
                place -= 1
            }
            fields[place] = field
        }
    }

    private static func compare(_ left: UnsafeRawBufferPointer, _ right: UnsafeRawBufferPointer) -> Int {
        guard let leftStart = left.baseAddress, let rightStart = right.baseAddress else {
            return left.count - right.count
        }
        let order = memcmp(leftStart, rightStart, min(left.count, right.count))
        return order == 0 ? left.count - right.count : Int(order)
    }

    /// The value without space at its ends, and with each run of space inside made one space.
    private mutating func appendCollapsed(_ value: String) {
        let start = scratch.count
        var value = value
        value.withUTF8 { bytes in
            if CanonicalHeaders.isCollapsed(bytes) { return scratch.append(UnsafeRawBufferPointer(bytes)) }
            var pendingSpace = false
            for byte in bytes {
                if byte == 0x20 || (byte >= 0x09 && byte <= 0x0D) {
                    pendingSpace = true
                } else {
                    if pendingSpace && scratch.count > start { scratch.append(" " as Unicode.Scalar) }
                    pendingSpace = false
                    scratch.append(byte)
                }
            }
        }
    }

    /// Whether the value has no space at its ends, no two in a row, and no tab or the like: as nearly all have.
    private static func isCollapsed(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        var previous: UInt8 = 0x20
        for byte in bytes {
            if byte < 0x20 || (byte == 0x20 && previous == 0x20) { return false }
            previous = byte
        }
        return previous != 0x20 || bytes.isEmpty
    }

    /// Headers that are not signed, because proxies and clients change them on the way.
    private static func isUnsigned(_ name: String) -> Bool {
        switch name.utf8.count {
        // What is only for the service's statistics need not be hashed twice a call.
        case 15 where name.equalsIgnoringASCIICase("amz-sdk-request"): true
        case 21: name.equalsIgnoringASCIICase("amz-sdk-invocation-id")
        case 6: name.equalsIgnoringASCIICase("expect")
        case 10: name.equalsIgnoringASCIICase("user-agent")
        case 13: name.equalsIgnoringASCIICase("authorization")
        case 15: name.equalsIgnoringASCIICase("x-amzn-trace-id")
        case 17: name.equalsIgnoringASCIICase("transfer-encoding")
        default: false
        }
    }
}
