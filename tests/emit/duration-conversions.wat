  (elem (;0;) (i32.const 0) func $list_0 $list_0 $list_0 $list_1)
  (func $condition_0 (param $frame i32) (result i32)
    (i64.eq
      (i64.load offset=392
        (local.get $frame))
      (i64.const 1))
  )
  (func $condition_1 (param $frame i32) (result i32)
    (i64.eq
      (i64.div_s
        (i64.load offset=392
          (local.get $frame))
        (i64.const 1000))
      (i64.const 1))
  )
  (func $condition_2 (param $frame i32) (result i32)
    (i64.eq
      (i64.div_s
        (i64.load offset=392
          (local.get $frame))
        (i64.const 60000))
      (i64.const 1))
  )
  (func $condition_3 (param $frame i32) (result i32)
    (i64.eq
      (i64.div_s
        (i64.load offset=392
          (local.get $frame))
        (i64.const 3600000))
      (i64.const 1))
  )
  (func $condition_4 (param $frame i32) (result i32)
    (i64.eq
      (i64.div_s
        (i64.load offset=392
          (local.get $frame))
        (i64.const 86400000))
      (i64.const 1))
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
    (if ;; label = @1
      (local.tee 2
        (call $condition_1
          (local.get $frame)))
      (then
        (call $note
          (local.get $out)
          (i32.const 1)
          (i32.const 0)
          (local.get 2))))
    (if ;; label = @1
      (local.tee 2
        (call $condition_2
          (local.get $frame)))
      (then
        (call $note
          (local.get $out)
          (i32.const 2)
          (i32.const 0)
          (local.get 2))))
    (if ;; label = @1
      (local.tee 2
        (call $condition_3
          (local.get $frame)))
      (then
        (call $note
          (local.get $out)
          (i32.const 3)
          (i32.const 0)
          (local.get 2))))
    (if ;; label = @1
      (local.tee 2
        (call $condition_4
          (local.get $frame)))
      (then
        (call $note
          (local.get $out)
          (i32.const 4)
          (i32.const 0)
          (local.get 2))))
  )
