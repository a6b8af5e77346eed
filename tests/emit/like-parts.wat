  (elem (;0;) (i32.const 0) func $list_0 $list_0 $list_0 $list_1)
  (func $condition_0 (param $frame i32) (result i32)
    (call $like
      (i32.add
        (local.get $frame)
        (i32.const 376))
      (i32.const 1024))
  )
  (func $list_0 (param $frame i32) (param $out i32)
    (local i32)
  )
  (func $list_1 (param $frame i32) (param $out i32)
    (local i32)
    (if ;; label = @1
      (local.tee 2
        (call $condition_0
          (local.get $frame)))
      (then
        (call $note
          (local.get $out)
          (i32.const 0)
          (i32.const 0)
          (local.get 2))))
  )
  (data (;0;) (i32.const 1024) "\03\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\18\00\00\00\01\00\00\00\11\00\00\00\01\00\00\00\0a\00\00\00\01\00\00\00abc\00\00\00\00\00")
