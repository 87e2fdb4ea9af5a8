internal import CodecProperties

/// libFuzzer's entry: it calls this with one input after the other, and looks for inputs that reach new code. A property
/// that does not hold ends the process, which makes libFuzzer keep the input.
/// https://llvm.org/docs/LibFuzzer.html#fuzz-target
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = Array(UnsafeBufferPointer(start: start, count: count))
    if let violation = CodecProperties.violation(by: bytes) { fatalError(violation) }
    return 0
}
